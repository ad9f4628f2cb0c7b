"""Why the library acts on a host's ticket as it does, and who had the last word on its fields."""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.model import hosting_changes as h
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.views.explanation import Explanation, found, reasons, told
from incidentkit.views.text import many, name, plain, words


def explain_ticket(incident: Incident, entries: Sequence[JournalEntry], topic: str) -> Explanation:
    """The ticket and the mode, every change of it, and every field both sides had a word for."""
    hosted = incident.dossier.hosted
    if hosted is None:
        return Explanation(topic, f"{plain(incident.ref)} stands for no ticket of a host")
    if hosted.detached_at is not None:
        answer = "the library let go of it: nothing follows from it any more"
    else:
        ticket = f"ticket {name(hosted.key)} of {name(hosted.system)}"
        what = ticket if hosted.system else "no ticket"
        answer = f"{what}, mode {words(hosted.mode)}"
    if hosted.outside:
        times = many(sum(hosted.outside.values()), "move")
        answer += f"; {times} of the ticket that the life-cycle does not have"
    kinds = (h.TicketAdopted, h.ModeSet, h.FieldDisputed, h.TicketDetached)
    said = [entry for kind in kinds for entry, _ in found(entries, kind)]
    said.sort(key=lambda entry: entry.seq)
    return Explanation(topic, answer, reasons(said), tuple(told(entry) for entry in said))
