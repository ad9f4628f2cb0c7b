"""Commands on problems; apart from those on incidents, which most processes never leave."""

from __future__ import annotations

import attrs

from incidentkit.errors import ConditionError, NotFound, VersionMismatch
from incidentkit.flows.advance import settle
from incidentkit.flows.aggregates import aggregate
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow, Load, NewId, NewNumber, Owners
from incidentkit.flows.gate import authorise, resolve_ref
from incidentkit.flows.kinds import INCIDENT
from incidentkit.flows.problem_links import moved, survivor, write_use
from incidentkit.flows.problem_wake import look_again
from incidentkit.flows.record_draft import Aggregate, RecordDraft
from incidentkit.flows.records import happen
from incidentkit.flows.setting import recorded
from incidentkit.lang.conditions import Comparison, Condition, Declared, Membership, TextTest, walk
from incidentkit.model import incident_events as e
from incidentkit.model import known_error_changes as n
from incidentkit.model import problem as p
from incidentkit.model.incident import Incident, Link
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.problem_changes import EditProblem, PrioritiseProblem, ProblemRated
from incidentkit.model.words import LinkKind
from incidentkit.policy.facts import vocabulary
from incidentkit.rules import prioritise, problem_lifecycle


def carry_out(book: Workbook, command: Command) -> Flow[p.Problem]:
    """A command about a problem; the problem as it leaves it."""
    if isinstance(command, p.RaiseProblem):
        return (yield from raise_problem(book, command))
    if isinstance(command, p.ProblemCommand):
        return (yield from on_problem(book, command))
    raise TypeError(f"{type(command).__name__} is no command on a problem")


def raise_problem(book: Workbook, command: p.RaiseProblem) -> Flow[p.Problem]:
    """A new problem, tied to the incidents where it showed.

    The one that is named alone is tied at both ends at once; the others hear of it by reactions.
    """
    setting = book.setting
    yield from authorise(book, command.action, "problem", None)
    _listed(book, command.category, command.origin)
    _levels(book, command.impact, command.urgency)
    draft: Draft | None = None
    if command.incident is not None:
        kind, incident_id = yield from resolve_ref(command.incident, book)
        draft = (yield from book.incident(incident_id)) if kind == "incident" else None
        if draft is None:
            raise NotFound("incident", command.incident)
    others = yield from _incidents(command.incidents)
    id_ = yield from NewId()
    series = setting.policy.series["problem"]
    number = yield from NewNumber(series)
    showed = [*([draft.incident] if draft else []), *others]
    services = {each.card.service for each in showed}
    raised = p.ProblemRaised(
        id_,
        f"{series}-{number}",
        command.subject,
        command.summary,
        command.service or (services.pop() if len(services) == 1 else None),
        command.category,
        command.owner,
        command.origin,
        command.team,
        command.labels,
    )
    of: Aggregate[p.Problem] = aggregate("problem")
    work = RecordDraft(of, problem_lifecycle.birth(raised, book.at), new=True)
    work.recorded.append(recorded(raised, setting, book.at))
    book.begin_record(work)
    if command.impact or command.urgency:
        was = work.value.rating
        levels = (command.impact or was.impact, command.urgency or was.urgency)
        _rated(book, work, ProblemRated(*levels, was.priority))
    if draft is not None:
        incident = draft.incident
        link = Link(LinkKind.CAUSES, f"incident/{incident.id}", incident.ref)
        work.happened(p.ProblemLinked(link), setting, book.at)
        draft.happened(e.Linked(LinkKind.CAUSED_BY, f"problem/{id_}", raised.ref), setting, book.at)
        yield from settle(book, draft)
    for each in others:
        target = f"incident/{each.id}"
        if not work.value.linked(LinkKind.CAUSES, target):
            happen(book, work, (p.ProblemLinked(Link(LinkKind.CAUSES, target, each.ref)),))
    return work.value


def _incidents(names: tuple[str, ...]) -> Flow[list[Incident]]:
    """Incidents by reference or id, in the order given, with two reads for all of them."""
    if not names:
        return []
    owners = yield from Owners("ref", names)
    ids = tuple(
        (name if owner is None else owner).removeprefix("incident/")
        for name, owner in zip(names, owners, strict=True)
    )
    loaded = yield from Load(INCIDENT, ids)
    found: list[Incident] = []
    for name, incident in zip(names, loaded, strict=True):
        if incident is None:
            raise NotFound("incident", name)
        found.append(incident)
    return found


def on_problem(book: Workbook, command: p.ProblemCommand) -> Flow[p.Problem]:
    """The problem as a command leaves it."""
    kind, id_ = yield from resolve_ref(command.subject, book)
    work = (yield from book.problem(id_)) if kind == "problem" else None
    if work is None:
        raise NotFound("problem", command.subject)
    problem: p.Problem = work.value
    yield from authorise(book, command.action, f"problem/{problem.ref}", None)
    if command.if_version is not None and command.if_version != problem.version:
        raise VersionMismatch(problem.ref, command.if_version, problem.version)
    if isinstance(command, p.RedecideProblem):
        yield from look_again(book, work)
        return work.value
    stays: RecordDraft[p.Problem] | None = None
    if isinstance(command, p.CancelProblem) and command.duplicate_of is not None:
        stays = yield from survivor(book, problem, command)
        command = attrs.evolve(command, duplicate_of=stays.value.ref)
    command = yield from _completed(book, command)
    terms = book.setting.policy.problems
    events = problem_lifecycle.decide(problem, command, book.at, terms)
    if isinstance(command, n.UseKnownError):
        _, _, id_ = command.incident.partition("|")[0].partition("/")
        draft = yield from book.incident(id_)
        if draft is not None:
            yield from write_use(book, work, events, draft.incident)
    else:
        _happen(book, work, events)
    if stays is not None:
        moved(book, work, stays)
    return work.value


def _happen(book: Workbook, work: RecordDraft[p.Problem], events: tuple[Event, ...]) -> None:
    for event in events:
        if isinstance(event, ProblemRated) and not event.by_hand:
            _rated(book, work, event)
        else:
            happen(book, work, (event,))


def _rated(book: Workbook, work: RecordDraft[p.Problem], event: ProblemRated) -> None:
    """Levels as stated, with the priority of the matrix; one that was set by hand stays."""
    was, policy = work.value.rating, book.setting.policy
    if was.by_hand:
        kept = attrs.evolve(event, priority=was.priority, by_hand=True)
        work.happened(kept, book.setting, book.at)
        return
    drawn = prioritise.prioritise(event.impact, event.urgency, policy.matrix, policy.hash)
    rated = attrs.evolve(event, priority=drawn.priority, provisional=drawn.provisional)
    work.happened(rated, book.setting, book.at, reason=drawn.reason)


def _levels(book: Workbook, impact: str | None, urgency: str | None) -> None:
    matrix = book.setting.policy.matrix
    if impact is not None:
        _ = matrix.check("impact", impact)
    if urgency is not None:
        _ = matrix.check("urgency", urgency)


def _listed(book: Workbook, category: str | None, origin: str | None) -> None:
    catalogue = book.setting.policy.catalogue
    _ = catalogue.check_category(category or "")
    _ = catalogue.check_origin(origin or "")


def _completed(book: Workbook, command: p.ProblemCommand) -> Flow[p.ProblemCommand]:
    """The command with its conditions read and its incident looked up.

    Raises ConditionError for a condition that names no fact of an incident.
    """
    if isinstance(command, PrioritiseProblem):
        _levels(book, command.impact, command.urgency)
    elif isinstance(command, EditProblem):
        _listed(book, command.category, command.origin)
    elif isinstance(command, p.Verify):
        return attrs.evolve(command, watch=_watched(book, command))
    elif isinstance(command, n.PublishKnownError | n.ReviseKnownError):
        if command.match:
            return attrs.evolve(command, match=str(Condition.parse(command.match, _facts(book))))
    elif isinstance(command, n.UseKnownError) and command.incident:
        kind, id_ = yield from resolve_ref(command.incident, book)
        draft = (yield from book.incident(id_)) if kind == "incident" else None
        if draft is None:
            raise NotFound("incident", command.incident)
        name = f"incident/{id_}|{draft.incident.ref}"
        return attrs.evolve(command, incident=name)
    return command


def _facts(book: Workbook) -> Declared:
    """What the policy in force lets a condition ask of an incident."""
    return vocabulary(book.setting.policy.facts).incident


def _watched(book: Workbook, command: p.Verify) -> str:
    """The condition of a verification: what was given as one, else a criterion that reads as one.

    What names no fact is no condition, and neither is a bare `true`. What compares a fact that
    there is not is a condition mistyped: taken for words, the fix would hold for ever. Raises
    ConditionError. `has recovered` may well be words.
    """
    if command.watch:
        return str(Condition.parse(command.watch, _facts(book)))
    try:
        written = Condition.parse(command.criterion)
    except ConditionError:
        return ""
    compares = any(isinstance(x, Comparison | Membership | TextTest) for x in walk(written.root))
    if compares or any("." in name for name in written.names()):
        return str(Condition.parse(command.criterion, _facts(book)))
    return ""  # no fact of an incident has a name without a dot
