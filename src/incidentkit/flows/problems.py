"""Commands on problems; apart from those on incidents, which most processes never leave."""

from __future__ import annotations

from incidentkit.errors import NotFound, VersionMismatch
from incidentkit.flows.advance import settle
from incidentkit.flows.aggregates import aggregate
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow, NewId, NewNumber
from incidentkit.flows.gate import authorise, resolve_ref
from incidentkit.flows.record_draft import Aggregate, RecordDraft
from incidentkit.flows.records import happen
from incidentkit.flows.setting import recorded
from incidentkit.model import incident_events as e
from incidentkit.model import problem as p
from incidentkit.model.incident import Link
from incidentkit.model.incident_commands import Command
from incidentkit.model.words import LinkKind
from incidentkit.rules import problem_lifecycle


def carry_out(book: Workbook, command: Command) -> Flow[p.Problem]:
    """A command about a problem; the problem as it leaves it."""
    if isinstance(command, p.RaiseProblem):
        return (yield from raise_problem(book, command))
    if isinstance(command, p.ProblemCommand):
        return (yield from on_problem(book, command))
    raise TypeError(f"{type(command).__name__} is no command on a problem")


def raise_problem(book: Workbook, command: p.RaiseProblem) -> Flow[p.Problem]:
    """A new problem, tied to the incident where it showed."""
    setting = book.setting
    yield from authorise(book, command.action, "problem", None)
    _ = setting.policy.catalogue.check_category(command.category)
    draft: Draft | None = None
    if command.incident is not None:
        kind, incident_id = yield from resolve_ref(command.incident)
        draft = (yield from book.incident(incident_id)) if kind == "incident" else None
        if draft is None:
            raise NotFound("incident", command.incident)
    id_ = yield from NewId()
    series = setting.policy.series["problem"]
    number = yield from NewNumber(series)
    service = command.service or (draft.incident.card.service if draft else None)
    raised = p.ProblemRaised(
        id_,
        f"{series}-{number}",
        command.subject,
        command.summary,
        service,
        command.category,
        command.owner,
    )
    of: Aggregate[p.Problem] = aggregate("problem")
    work = RecordDraft(of, problem_lifecycle.birth(raised, book.at), new=True)
    work.recorded.append(recorded(raised, setting, book.at))
    book.begin_record(work)
    if draft is not None:
        incident = draft.incident
        link = Link(LinkKind.CAUSES, f"incident/{incident.id}", incident.ref)
        work.happened(p.ProblemLinked(link), setting, book.at)
        draft.happened(e.Linked(LinkKind.CAUSED_BY, f"problem/{id_}", raised.ref), setting, book.at)
        yield from settle(book, draft)
    return work.value


def on_problem(book: Workbook, command: p.ProblemCommand) -> Flow[p.Problem]:
    """The problem as a command leaves it."""
    kind, id_ = yield from resolve_ref(command.subject)
    work = (yield from book.problem(id_)) if kind == "problem" else None
    if work is None:
        raise NotFound("problem", command.subject)
    problem = work.value
    yield from authorise(book, command.action, f"problem/{problem.ref}", None)
    if command.if_version is not None and command.if_version != problem.version:
        raise VersionMismatch(problem.ref, command.if_version, problem.version)
    happen(book, work, problem_lifecycle.decide(problem, command, book.at))
    return work.value
