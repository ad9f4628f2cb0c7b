"""Reports of people: where each belongs, and what their reporters say to a resolution.

A report that names an incident joins it, or the one that it was merged into. One that names none
declares an incident of its own, unless the policy lets it join an open one of the same service.
"""

from __future__ import annotations

from incidentkit.errors import CallerError, InvalidValue, NotFound, VersionMismatch
from incidentkit.flows.advance import apply, decide, settle
from incidentkit.flows.aggregates import aggregate
from incidentkit.flows.contents import follow
from incidentkit.flows.declare import declare
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Find, Flow, NewId, NewNumber
from incidentkit.flows.gate import authorise, resolve_ref
from incidentkit.flows.kinds import INCIDENT
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.flows.setting import recorded
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import report_changes as r
from incidentkit.model.incident import Incident
from incidentkit.model.relation_changes import ReporterAnswered
from incidentkit.model.report import Report
from incidentkit.model.signals import Report as Signal
from incidentkit.model.words import MajorState
from incidentkit.ports.query import AllOf, Compare, Op, Query
from incidentkit.ports.rows import KeyChange
from incidentkit.rules import join, report_lifecycle
from incidentkit.rules.relation_terms import JOIN, OFF


def take_report(book: Workbook, signal: Signal, source: str) -> Flow[tuple[str, str]]:
    """Take in one report; the references of the incident it opened, and of the one it joined.

    One of them is empty. Raises InvalidValue for an incident that there is none of.
    """
    proposal: join.Proposal | None = None
    if signal.incident is not None:
        if signal.private:
            raise InvalidValue("private", "is for a new incident; leave out the one it names")
        draft = yield from _home(book, signal.incident)
        opened = ""
    else:
        proposal = yield from _proposal(book, signal)
        if proposal is not None and str(proposal.reason.outcome).startswith(JOIN):
            found = yield from book.incident(proposal.incident.id)
            draft, opened = (found or Draft(proposal.incident)), ""
        else:
            draft = yield from _declared(book, signal, source)
            opened = draft.incident.ref
    work = yield from _record(book, signal, draft, source)
    if proposal is not None and opened:
        near = proposal.incident
        suggested = r.JoinSuggested(f"incident/{near.id}", near.ref)
        work.happened(suggested, book.setting, book.at, by="system", reason=proposal.reason)
    joined = e.ReportJoined(
        signal.reporter,
        signal.title,
        signal.text,
        signal.on_behalf_of or "",
        signal.location or "",
        signal.contact,
        work.value.ref,
    )
    joins = proposal is not None and not opened
    apply(book, draft, (joined,), reason=proposal.reason if proposal and joins else None)
    yield from settle(book, draft)
    if signal.key:
        key = f"{source}\x1f{signal.key}"
        book.keys.append(KeyChange("reported", key, None, draft.incident.id))
    return opened, "" if opened else draft.incident.ref


def _home(book: Workbook, name: str) -> Flow[Draft]:
    """The incident that a report names, or the one that stands for it now."""
    kind, id_ = yield from resolve_ref(name, book)
    draft = (yield from book.incident(id_)) if kind == "incident" else None
    if draft is None:
        raise InvalidValue("incident", "names no incident to report to")
    return (yield from follow(book, draft))


def _proposal(book: Workbook, signal: Signal) -> Flow[join.Proposal | None]:
    policy = book.setting.policy
    if policy.reports.join == OFF or signal.service is None or signal.private:
        return None
    where = AllOf((Compare("active", Op.EQ, True), Compare("service", Op.EQ, signal.service)))
    query = Query("incident", where, "changed_at", True, limit=join.MOST)
    found = yield from Find(INCIDENT, query)
    near = yield from _seen(book, found.items)
    return join.propose(signal, near, policy.reports, book.at, policy.hash)


def _seen(book: Workbook, near: tuple[Incident, ...]) -> Flow[tuple[Incident, ...]]:
    """Those that the reporter may see: nobody is told of others by joining them."""
    if not book.setting.guarded:
        return near
    from incidentkit.flows.effects import Load
    from incidentkit.flows.sight import Sight

    seen = yield from Sight(book.setting, people=True).load(
        Load(INCIDENT, tuple([x.id for x in near]))
    )
    return tuple([x for x in near if x in seen])


def _declared(book: Workbook, signal: Signal, source: str) -> Flow[Draft]:
    command = c.Declare(
        signal.title,
        summary=signal.text,
        service=signal.service,
        reporter=signal.on_behalf_of or signal.reporter,
        source=source,
        category=signal.category,
        private=signal.private,
    )
    return (yield from declare(book, command, authorised=True))


def _record(book: Workbook, signal: Signal, draft: Draft, source: str) -> Flow[RecordDraft[Report]]:
    """The record of a report, with a reference of its own."""
    id_ = yield from NewId()
    series = book.setting.policy.series["report"]
    number = yield from NewNumber(series)
    received = r.ReportReceived(
        id_,
        f"{series}-{number}",
        signal.reporter,
        signal.title,
        draft.incident.id,
        draft.incident.ref,
        signal.text,
        signal.on_behalf_of,
        signal.location,
        signal.contact,
        source,
    )
    report = report_lifecycle.birth(received, book.at)
    work: RecordDraft[Report] = RecordDraft(aggregate("report"), report, new=True)
    work.recorded.append(recorded(received, book.setting, book.at))
    book.begin_record(work)
    return work


# --- what reporters say ---------------------------------------------------------------------------


def carry_out(book: Workbook, command: c.Command) -> Flow[Report]:
    """A command about a report; the report as it leaves it."""
    kind, id_ = yield from resolve_ref(command.subject, book)
    found = (yield from book.record("report", id_)) if kind == "report" else None
    if found is None:
        raise NotFound("report", command.subject)
    work: RecordDraft[Report] = found
    report = work.value
    draft = yield from book.incident(report.incident)
    if draft is None:
        raise NotFound("incident", report.incident)
    yield from authorise(book, command.action, f"report/{report.ref}", draft)
    if command.if_version is not None and command.if_version != report.version:
        raise VersionMismatch(report.ref, command.if_version, report.version)
    yield from said(book, work, draft, command, book.setting.by)
    return work.value


def said(
    book: Workbook, work: RecordDraft[Report], draft: Draft, command: c.Command, by: str
) -> Flow[None]:
    """What a reporter says of a resolution; a no reopens the incident where the policy lets it.

    A no that cannot reopen it is noted on the incident, with why it did not.
    """
    events = report_lifecycle.decide(work.value, command, draft.incident)
    as_ = "" if by == book.setting.by else by
    for event in events:
        work.happened(event, book.setting, book.at, by=as_)
    if not events:
        return
    ref = work.value.ref
    if isinstance(command, r.RejectResolution):
        cause = f"report/{work.value.id}#{work.value.version}"
        _rejected(book, draft, command.reason, ref, by, cause)
    else:
        confirmed = f"{ref}: {work.value.hears} confirms that it is solved"
        apply(book, draft, (e.Noted(confirmed),), by=as_)
    yield from settle(book, draft)


def _rejected(book: Workbook, draft: Draft, reason: str, ref: str, by: str, cause: str) -> None:
    policy = book.setting.policy
    told = f"{ref}: not solved: {reason}"
    major = draft.incident.dossier.overlays.major is MajorState.ACCEPTED
    refused = "" if policy.reports.rejection_reopens else "the policy leaves that to people"
    if major and not policy.lifecycle.reporter_reopens_major:
        refused = "a major incident is not reopened by a reporter"
    if not refused:
        try:
            reopening = c.Reopen(draft.incident.ref, reason=told)
            apply(book, draft, decide(book, draft, reopening, by), by=by, cause=cause)
            return
        except CallerError as error:
            refused = str(error)
    apply(book, draft, (e.Noted(f"{told} (not reopened: {refused})"),), by=by, cause=cause)


def answered(book: Workbook, draft: Draft, party: str, text: str, ref: str) -> None:
    """A reporter wrote back: what they say is kept, and a wait for them is over."""
    apply(book, draft, (ReporterAnswered(party, text, ref),), by=party)
