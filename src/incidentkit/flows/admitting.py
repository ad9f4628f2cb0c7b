"""Who comes to have to do with an incident that few may see: a row for each, in the same commit."""

from __future__ import annotations

from typing import Any

from incidentkit.flows.effects import Change
from incidentkit.flows.kinds import ADMISSION
from incidentkit.model.admission import Admission, Admitted
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Recorded
from incidentkit.rules.access import participants, restricted


def admissions(before: Incident | None, now: Incident, by: Recorded) -> tuple[Change[Any], ...]:
    """One row for each party that was not let in before; `by` is the entry that let them in.

    Whoever broke the glass is let in to what is open to others, too.
    """
    if not (restricted(now) or now.dossier.overlays.glass):
        return ()
    known: frozenset[str] = frozenset()
    if before is not None and (restricted(before) or before.dossier.overlays.glass):
        if before.people is now.people and before.attention is now.attention:
            same = before.dossier.overlays is now.dossier.overlays
            if same and before.card is now.card:
                return ()
        known = participants(before)
    return tuple(
        Change(
            ADMISSION,
            Admission(f"{now.id}.{now.version}.{number}", 1, party, now.id),
            (Recorded(by.at, by.by, Admitted(party)),),
        )
        for number, party in enumerate(sorted(participants(now) - known), 1)
    )
