"""Who was paged, why, on which channel and what became of it; or why nobody was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from incidentkit.model import incident_events as e
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import MessageKind
from incidentkit.rules import escalate, overlay_calls, suppress_alerts
from incidentkit.timing.instants import show_instant
from incidentkit.views.explanation import Explanation, found, listed, reasons, redacted, told
from incidentkit.views.sentences_hosting import kept
from incidentkit.views.sentences_talk import BESIDE
from incidentkit.views.text import many, name, near, plain, reason_of, span, suffix, words

_ASIDE = (e.Acknowledged, e.LeaseLapsed, e.ResponseCleared, e.ResponseRefired)


def _why_not_known(incident: Incident, entries: Sequence[JournalEntry]) -> str:
    """Why nobody was paged where the journal has no decision about it."""
    gone = redacted(entries, "page_queued", "page_withheld")
    replayed = incident.dossier.replayed
    if replayed is not None and not gone:
        return f": its history was brought in from {name(replayed.source)}, which wakes nobody"
    return f", and no decision about it stands in the journal{gone}"


def explain_paging(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "page"
) -> Explanation:
    """Every page with its fate, every decision not to page, and what happens next."""
    pages = found(entries, e.PageQueued)
    withheld = found(entries, e.PageWithheld)
    fates = {
        event.delivery: (entry, event)
        for entry, event in found(entries, e.DeliverySettled)
        if event.kind is MessageKind.PAGE
    }
    if pages:
        said = ", ".join(
            f"{name(x.to)} on {plain(x.channel)} ({kept(x.kept) or _fate(fates.get(x.delivery))})"
            for _, x in pages[-4:]
        )
        more = f"{many(len(pages), 'page')}, the last: " if len(pages) > 4 else ""
        last = next(event for _, event in reversed(pages))
        would = "would be paged" if last.kept else "paged"
        answer = f"{would}: {more}{said}{redacted(entries, 'page_queued')}"
    elif withheld:
        reason = reason_of(withheld[-1][0])
        answer = f"nobody was paged{'' if reason is None else f': {why_nobody(reason)}'}"
    else:
        answer = f"nobody was paged{_why_not_known(incident, entries)}"
    decided = [entry for entry, _ in (*pages, *withheld)]
    lines = _lines(entries, fates)
    nothing = not pages and not withheld
    return Explanation(
        topic, answer, reasons(decided), () if nothing and not lines else (*lines, _next(incident))
    )


def _fate(settled: tuple[JournalEntry, e.DeliverySettled] | None) -> str:
    return "no word yet" if settled is None else plain(words(settled[1].state))


def _lines(
    entries: Sequence[JournalEntry],
    fates: Mapping[str, tuple[JournalEntry, e.DeliverySettled]],
) -> tuple[str, ...]:
    lines: list[str] = []
    for entry in entries:
        event = None if entry.recorded is None else entry.recorded.event
        reason = reason_of(entry)
        if isinstance(event, e.PageQueued):
            which = f"round {event.round}" if event.round else BESIDE
            what = f"{which}: {name(event.to)} on {plain(event.channel)}"
            why = "" if reason is None else f" because {why_paged(reason, event.to)}"
            rule = "" if reason is None else suffix(reason)
            lines.append(f"{show_instant(entry.at)}  {what}{why}{rule}")
            fate = _became(entry, fates.get(event.delivery))
            lines.append(f"  {f'it is not sent: {kept(event.kept)}' if event.kept else fate}")
        elif isinstance(event, e.PageWithheld):
            why = "" if reason is None else f": {why_nobody(reason)}{suffix(reason)}"
            lines.append(f"{show_instant(entry.at)}  round {event.round}: nobody{why}")
        elif isinstance(event, _ASIDE):
            lines.append(told(entry))
    return tuple(lines)


def _became(page: JournalEntry, settled: tuple[JournalEntry, e.DeliverySettled] | None) -> str:
    if settled is None:
        return "what became of it is not known yet"
    entry, event = settled
    detail = f": {plain(event.detail)}" if event.detail else ""
    return f"it was {plain(words(event.state))} at {near(entry.at, page.at)}{detail}"


_OCCASIONS = {
    "major_proposed": "somebody must answer for the major incident",
    "major_unstaffed": "the major incident is without a role it needs",
}


def why_paged(reason: Reason, to: str) -> str:
    """Why this party was paged, from the inputs of the rule alone."""
    inputs = reason.inputs
    if reason.rule == overlay_calls.RULE:
        has = f"{name(to)} has the duty" if inputs.get("duty") else f"{name(to)} is the fallback"
        return f"{_OCCASIONS.get(str(inputs.get('occasion')), 'of the major incident')}, and {has}"
    if reason.rule != escalate.RULE:
        return plain(str(reason))
    if inputs.get("candidate"):
        urgent = "a candidate is paged whatever its priority"
    else:
        urgent = f"{listed(inputs.get('priority'))} is one of {listed(inputs.get('priorities'))}"
    answer = inputs.get("directory")
    of = str(answer.get("of", "")) if isinstance(answer, dict) else ""
    whom = _whom(inputs, of or to) + (f", of which {name(to)} is a member" if of else "")
    return f"{urgent}, and {whom}{_directory(answer)}"


def _whom(inputs: Mapping[str, Plain], to: str) -> str:
    if to and to == inputs.get("assignee"):
        return f"{name(to)} is the assignee"
    if not inputs.get("assignee"):
        return f"nobody is assigned, so the fallback {name(to)}"
    return f"an earlier round was not acknowledged, so the fallback {name(to)} too"


def _directory(answer: Plain) -> str:
    if not isinstance(answer, dict):
        return ""
    revision = answer.get("revision")
    of = f" {plain(str(revision))}" if revision else ""
    if answer.get("last_good"):
        age = answer.get("age")
        when = f", {span(timedelta(seconds=age))} old" if isinstance(age, int) else ""
        return f" (contacts from the last good answer of the directory{of}{when})"
    return f" (contacts by directory{of})" if of else ""


def why_nobody(reason: Reason) -> str:
    """Why nobody was paged, from the inputs of the rule alone."""
    if reason.rule == suppress_alerts.RULE:
        inputs = reason.inputs
        by, until = listed(inputs.get("by")), listed(inputs.get("until"))
        return f"every alert of it that fires is silenced by {by} until {until}"
    if reason.rule != escalate.RULE:
        return plain(str(reason))
    urgent = listed(reason.inputs.get("priorities"))
    return f"{listed(reason.inputs.get('priority'))} is none of the priorities paged ({urgent})"


def _next(incident: Incident) -> str:
    attention = incident.attention
    if incident.detached:
        return "nobody is paged any more: the library let go of it"
    if not incident.active:
        return f"nobody is paged any more: it is {words(incident.status)}"
    if attention.leases:
        held = (f"{name(x.holder)} until {show_instant(x.until)}" for x in attention.leases)
        return f"no more pages while it is acknowledged: {', '.join(held)}"
    if attention.next_page_at is not None:
        return f"next: round {attention.round + 1} at {show_instant(attention.next_page_at)}"
    return "next: no further round is planned"
