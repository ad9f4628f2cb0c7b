"""What the public is told of where an incident stands: the command, and the event.

The four states are those that status pages use; the statements themselves are notices.
"""

from __future__ import annotations

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.model import checks
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.words import PublicState


def _state(value: str) -> PublicState:
    try:
        return PublicState(value)
    except ValueError:
        raise InvalidValue("state", f"{value!r} is none of {', '.join(PublicState)}") from None


@attrs.frozen(repr=False)
class SetPublic(Command):
    """Tell the public where it stands; `text` says more, where there is more to say."""

    action = "set_public"
    state: PublicState = attrs.field(converter=_state)
    text: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class PublicStated(Event):
    """What the public is told from now on; `was` is None the first time."""

    state: PublicState
    was: PublicState | None
    text: str = ""
