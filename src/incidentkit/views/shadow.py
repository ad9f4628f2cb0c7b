"""The shadow report: what the library would have done, beside what the host did without it.

Numbers first, then a few named examples of each; as data, as text, and as Markdown.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator
from datetime import datetime

import attrs

from incidentkit.model import hosting_changes as h
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.model.words import Mode, Moment
from incidentkit.policy.document import Policy
from incidentkit.policy.drawn import drawn
from incidentkit.timing.instants import show_instant
from incidentkit.views.markdown import table
from incidentkit.views.text import many, plain, words

EXAMPLES = 5
"""How many of each are named in words; the data has all of them."""
_QUIET = (Mode.SHADOW, Mode.ADVISE)


@attrs.frozen
class Paged:
    """A page that would have gone out: about what, to whom, on which channel, in which round."""

    at: datetime
    ref: str
    to: str
    channel: str
    round: int


@attrs.frozen
class Missed:
    """A target that was missed while the library looked on."""

    at: datetime
    ref: str
    target: str
    due_at: datetime


@attrs.frozen
class Differs:
    """A priority that the policy draws otherwise than the host has it."""

    ref: str
    policy: str
    host: str


@attrs.frozen
class ShadowReport:
    """What would have happened in a window, from `since` up to `until`.

    `looked_on` and `advised` count incidents; `notices` and `syncs` messages that were kept;
    `escalations` are the pages of a second and later round. `acknowledged` has the times, in
    seconds, from the opening of a ticket to its acknowledgement as the host lived them.
    """

    since: datetime
    until: datetime
    looked_on: int
    advised: int
    pages: tuple[Paged, ...]
    breaches: tuple[Missed, ...]
    priorities: tuple[Differs, ...]
    notices: int = 0
    syncs: int = 0
    acknowledged: tuple[float, ...] = ()

    @property
    def escalations(self) -> tuple[Paged, ...]:
        """The pages that a first round without an answer would have led to."""
        return tuple(each for each in self.pages if each.round > 1)

    @property
    def recipients(self) -> dict[str, int]:
        """How many pages each party would have got, most first."""
        counts: dict[str, int] = {}
        for each in self.pages:
            counts[each.to] = counts.get(each.to, 0) + 1
        return dict(sorted(counts.items(), key=lambda x: (-x[1], x[0])))

    @property
    def median_to_acknowledge(self) -> float | None:
        """The median of the times to acknowledge in seconds; None where there is none."""
        return statistics.median(self.acknowledged) if self.acknowledged else None


def shadow_report(
    found: Iterable[tuple[Incident, tuple[JournalEntry, ...]]],
    policy: Policy,
    since: datetime,
    until: datetime,
) -> ShadowReport:
    """The report on incidents and their journals, for a window of time."""
    pages: list[Paged] = []
    breaches: list[Missed] = []
    priorities: list[Differs] = []
    times: list[float] = []
    counts = {Mode.SHADOW: 0, Mode.ADVISE: 0}
    notices = syncs = 0
    for incident, journal in found:
        modes: set[Mode] = set()
        for mode, at, event in _quiet(journal):
            if not since <= at < until:
                continue
            modes.add(mode)
            if isinstance(event, e.PageQueued) and event.kept:
                pages.append(Paged(at, incident.ref, event.to, event.channel, event.round))
            elif isinstance(event, e.ClockBreached):
                breaches.append(Missed(at, incident.ref, event.target, event.due_at))
            elif isinstance(event, e.NoticeQueued) and event.kept:
                notices += event.recipients
            elif isinstance(event, h.FieldsSent):
                syncs += 1
        for mode in modes:
            counts[mode] += 1
        if not modes:
            continue
        differs = _priority(incident, policy)
        if differs is not None:
            priorities.append(differs)
        times += _acknowledged(incident, since, until)
    return ShadowReport(
        since,
        until,
        counts[Mode.SHADOW],
        counts[Mode.ADVISE],
        tuple(sorted(pages, key=lambda x: (x.at, x.ref, x.to))),
        tuple(sorted(breaches, key=lambda x: (x.due_at, x.ref, x.target))),
        tuple(sorted(priorities, key=lambda x: x.ref)),
        notices,
        syncs,
        tuple(sorted(times)),
    )


def _quiet(journal: tuple[JournalEntry, ...]) -> Iterator[tuple[Mode, datetime, object]]:
    """What happened while the library looked on or advised, each with the mode of that moment."""
    mode = Mode.ENFORCE
    for entry in journal:
        if entry.recorded is None:
            continue
        event = entry.recorded.event
        if isinstance(event, h.TicketAdopted | h.ModeSet):
            mode = event.mode
        elif isinstance(event, h.TicketDetached):
            mode = Mode.NONE
        if mode in _QUIET:
            yield mode, entry.at, event


def _priority(incident: Incident, policy: Policy) -> Differs | None:
    """Where the policy would draw another priority than the ticket has."""
    hosted, rating = incident.dossier.hosted, incident.rating
    if hosted is None or not policy.matrix.has(rating.impact, rating.urgency):
        return None
    result = drawn(policy, incident, policy.parties)
    stated = hosted.stated.get("priority", "")
    if result.provisional or not stated or result.priority.value == stated:
        return None
    return Differs(incident.ref, result.priority.value, stated)


def _acknowledged(incident: Incident, since: datetime, until: datetime) -> list[float]:
    opened, taken = incident.moment(Moment.DECLARED), incident.moment(Moment.ACKNOWLEDGED)
    if opened is None or taken is None or not since <= taken < until:
        return []
    return [(taken - opened).total_seconds()]


def _numbers(report: ShadowReport) -> list[tuple[str, str]]:
    median = report.median_to_acknowledge
    people = many(len(report.recipients), "recipient")
    return [
        ("looked on", many(report.looked_on, "incident")),
        ("advised", many(report.advised, "incident")),
        ("pages that would have gone out", f"{len(report.pages)}, to {people}"),
        ("of them in a later round", str(len(report.escalations))),
        ("notices that would have gone out", str(report.notices)),
        ("syncs that would have gone out", str(report.syncs)),
        ("targets missed", str(len(report.breaches))),
        ("priorities that differ", str(len(report.priorities))),
        (
            "time to acknowledge as it was",
            "none was"
            if median is None
            else f"median {median / 60:.0f} min of {len(report.acknowledged)}",
        ),
    ]


def _examples(report: ShadowReport) -> Iterator[tuple[str, str]]:
    for page in report.pages[:EXAMPLES]:
        where = f"{page.to} by {page.channel}, round {page.round}"
        yield "page", f"{show_instant(page.at)}: {page.ref} to {where}"
    for miss in report.breaches[:EXAMPLES]:
        yield "missed", f"{miss.ref}: {miss.target} was due {show_instant(miss.due_at)}"
    for each in report.priorities[:EXAMPLES]:
        yield "priority", f"{each.ref}: the host says {each.host}, the policy {each.policy}"


def to_text(report: ShadowReport) -> str:
    """The report in lines of plain text."""
    lines = [_window(report)]
    lines += [f"{words(name)}: {value}" for name, value in _numbers(report)]
    lines += [f"  {kind}: {plain(said)}" for kind, said in _examples(report)]
    return "\n".join(lines)


def to_markdown(report: ShadowReport) -> str:
    """The report as a Markdown page."""
    parts = [f"# Shadow report\n\n{_window(report)}", table(("What", "How many"), _numbers(report))]
    examples = tuple(_examples(report))
    if examples:
        parts.append("## Examples\n\n" + table(("Of", "Which"), examples))
    return "\n\n".join(parts) + "\n"


def _window(report: ShadowReport) -> str:
    return f"from {show_instant(report.since)} up to {show_instant(report.until)}"
