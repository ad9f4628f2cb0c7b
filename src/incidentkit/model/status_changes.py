"""A host's own status names: the command that sets one.

What happened is told by the move of the life-cycle and by `StatusStated`, which is of every day.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.incident_commands import Command


@attrs.frozen(repr=False)
class SetStatus(Command):
    """Set a status of the policy; in another category it is the move that leads there.

    `reason` is why: of a hold, a regression, a reopening, a cancellation (in words). The other
    fields are those that the move into the status's category needs.
    """

    action = "set_status"
    status: str = attrs.field(validator=checks.name)
    reason: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    court: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    code: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    remedy: str = attrs.field(default="", validator=checks.text())
    restored_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    until: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    override: str = attrs.field(default="", validator=checks.text())
