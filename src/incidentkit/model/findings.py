"""What is known of an incident: facts, hypotheses, causes, workarounds, decisions, attachments."""

from __future__ import annotations

import attrs


@attrs.frozen
class Findings:
    """What was found out, as far as somebody said."""


NO_FINDINGS = Findings()
