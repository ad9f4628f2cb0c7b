"""What an incident hangs together with and how that came about, and who reported it."""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.model import incident_events as e
from incidentkit.model import relation_changes as r
from incidentkit.model import report_changes as rep
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event, JournalEntry
from incidentkit.model.report import Report
from incidentkit.model.scope_changes import LabelSet
from incidentkit.model.words import LinkKind
from incidentkit.timing.instants import show_instant
from incidentkit.views.explanation import Explanation, found, reasons, redacted, told
from incidentkit.views.sentences_life import tie
from incidentkit.views.text import listing, many, name, plain, reason_of, words

_LINKS: tuple[type[Event], ...] = (
    e.Linked,
    e.Unlinked,
    e.Cancelled,
    r.Absorbed,
    r.GivenUp,
    r.Released,
    r.ContentsMovedIn,
    r.ContentsMovedOut,
    r.ChildTurned,
    LabelSet,
)
_REPORTS: tuple[type[Event], ...] = (
    e.ReportJoined,
    r.ReporterAnswered,
    r.HoldReminded,
    rep.ReportReceived,
    rep.JoinSuggested,
    rep.ReportMoved,
    rep.ReportTold,
    rep.ResolutionConfirmed,
    rep.ResolutionRejected,
)


def explain_links(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "links"
) -> Explanation:
    """Its links as they stand, and every entry that made, moved or took one away."""
    steps = tuple(x for x, event in found(entries, _LINKS) if _ties(x, event))
    links = incident.ties.links
    if not links:
        gone = redacted(entries, "linked", "unlinked")
        answer = f"{plain(incident.ref)} is linked to nothing{gone}"
    else:
        answer = f"{plain(incident.ref)} is {listing(tuple(tie(x.kind, x.ref) for x in links))}"
    return Explanation(topic, answer, reasons(steps), tuple(told(entry) for entry in steps))


def _ties(entry: JournalEntry, event: Event) -> bool:
    """Whether a label was set because of another incident; people set it for other reasons."""
    return not isinstance(event, LabelSet) or reason_of(entry) is not None


def explain_label(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "label"
) -> Explanation:
    """How far it may travel, and who or what has said so."""
    label = incident.dossier.scope.label
    stands = "has no label" if label is None else f"is {plain(str(label))}"
    steps = tuple(entry for entry, _ in found(entries, LabelSet))
    answer = f"{plain(incident.ref)} {stands}{redacted(entries, 'label_set')}"
    return Explanation(topic, answer, reasons(steps), tuple(told(entry) for entry in steps))


def kept_elsewhere(incident: Incident) -> tuple[str, ...]:
    """The incidents that were the same as this one: what was found there is still there."""
    return tuple(
        f"{tie(x.kind, x.ref)}: what was found there stands there"
        for x in incident.ties.links
        if x.kind in (LinkKind.MERGED_FROM, LinkKind.DUPLICATED_BY)
    )


def explain_reports(
    incident: Incident, entries: Sequence[JournalEntry], topic: str = "reports"
) -> Explanation:
    """How many people reported it, why each report joined, and what was answered."""
    steps = tuple(entry for entry, _ in found(entries, _REPORTS))
    count = incident.ties.reports
    who = f"; reported first by {name(incident.card.reporter)}" if incident.card.reporter else ""
    gone = redacted(entries, "report_joined")
    answer = f"{many(count, 'report')} of {plain(incident.ref)}{who}{gone}"
    return Explanation(topic, answer, reasons(steps), tuple(told(entry) for entry in steps))


def explain_report(
    report: Report, entries: Sequence[JournalEntry], topic: str = "reports"
) -> Explanation:
    """Where one report stands, which incident it belongs to, and how that came about."""
    said = f": {plain(report.words)}" if report.words else ""
    answer = f"{plain(report.ref)} of {name(report.hears)} is {words(report.state)}{said}"
    steps = tuple(entry for entry, _ in found(entries, _REPORTS))
    return Explanation(topic, answer, reasons(steps), tuple(told(entry) for entry in steps))


def report_card(report: Report) -> list[str]:
    """A report at a glance, as `card` shows an incident."""
    behalf = f" for {name(report.on_behalf_of)}" if report.on_behalf_of else ""
    where = listing((plain(report.location or ""), plain(report.contact)))
    said = f": {plain(report.words, 200)}" if report.words else ""
    return [
        f"{plain(report.ref)}  report of {name(report.reporter)}{behalf}",
        plain(report.title, 200),
        f"{words(report.state)}{said}",
        f"reported {show_instant(report.at)}{f', {where}' if where else ''}",
        plain(report.text, 200) or "no words beside the title",
    ]
