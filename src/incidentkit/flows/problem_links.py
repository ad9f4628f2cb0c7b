"""The ties of a problem: incidents it causes, changes that resolve it, problems like it.

Both ends of a tie between records are written: the near one here, the far one by a reaction. A
change has no end of its own: it is a record of what a source said, or a number elsewhere.
"""

from __future__ import annotations

from incidentkit.errors import InvalidValue, NotFound, VersionMismatch
from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Find, Flow, Load, Owners
from incidentkit.flows.gate import authorise, resolve_ref
from incidentkit.flows.kinds import CHANGE, PROBLEM
from incidentkit.flows.problem_calls import call_for
from incidentkit.flows.problem_watch import linked
from incidentkit.flows.reaching import known_of
from incidentkit.flows.recognising import names_of
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.flows.records import happen
from incidentkit.lang.quoting import one
from incidentkit.model import incident_commands as c
from incidentkit.model import problem as p
from incidentkit.model import problem_changes as k
from incidentkit.model.incident import Incident, Link
from incidentkit.model.journal import Event
from incidentkit.model.known_error_changes import KnownErrorUsed
from incidentkit.model.signals import Change
from incidentkit.model.words import LinkKind
from incidentkit.ports.query import Cursor, OneOf, Query
from incidentkit.rules.known_errors import used
from incidentkit.rules.match import score
from incidentkit.rules.problem_table import NOT_OVER

SYSTEM = "system"

ALLOWED: dict[str, frozenset[LinkKind]] = {
    "incident": frozenset((LinkKind.CAUSES, LinkKind.RELATED)),
    "problem": frozenset((LinkKind.RELATED, LinkKind.BLOCKED_BY, LinkKind.BLOCKS)),
    "change": frozenset((LinkKind.RESOLVED_BY_CHANGE, LinkKind.CAUSED_BY_CHANGE, LinkKind.RELATED)),
}
"""Which ties a problem may be given by hand. A duplicate is made by `CancelProblem`, a use of a
workaround by `UseKnownError`: more than a tie follows from them."""

_STATES = tuple(sorted(state.value for state in NOT_OVER))
_PAGE = 500


def tie(book: Workbook, command: c.LinkTo | c.Unlink) -> Flow[p.Problem]:
    """Make or take away a tie from the problem's side."""
    _, id_ = yield from resolve_ref(command.subject, book)
    work = yield from book.problem(id_)
    if work is None:
        raise NotFound("problem", command.subject)
    problem = work.value
    yield from authorise(book, command.action, f"problem/{problem.ref}", None)
    if command.if_version is not None and command.if_version != problem.version:
        raise VersionMismatch(problem.ref, command.if_version, problem.version)
    if isinstance(command, c.Unlink):
        _unlink(book, work, command)
    else:
        link = yield from _link(book, problem, command)
        if not problem.linked(link.kind, link.target):
            happen(book, work, (p.ProblemLinked(link),))
            yield from _after(book, work, link)
    return work.value


def _unlink(book: Workbook, work: RecordDraft[p.Problem], command: c.Unlink) -> None:
    for link in work.value.links:
        if link.kind is command.kind and command.target in (link.target, link.ref):
            happen(book, work, (p.ProblemUnlinked(link),))
            return
    raise NotFound(f"{command.kind} link", command.target)


def _link(book: Workbook, problem: p.Problem, command: c.LinkTo) -> Flow[Link]:
    """The tie with its far end looked up; what may not be tied so is refused."""
    changes = ALLOWED["change"] - {LinkKind.RELATED}
    if command.kind in changes or command.target.startswith("change/"):
        kind = "change"
        target, ref = yield from _change(command.target.removeprefix("change/"))
    else:
        kind, id_ = yield from resolve_ref(command.target, book)
        target = f"{kind}/{id_}"
        ref = yield from _ref(book, kind, id_, command.target)
    if command.kind not in ALLOWED[kind]:
        choices = ", ".join(sorted(ALLOWED[kind]))
        raise InvalidValue("kind", f"a problem and {one(kind)} are not tied by {command.kind}; by "
                           f"{choices}")  # fmt: skip
    if target == f"problem/{problem.id}":
        raise InvalidValue("target", "a record cannot be linked to itself")
    return Link(command.kind, target, ref)


def _ref(book: Workbook, kind: str, id_: str, name: str) -> Flow[str]:
    if kind == "incident":
        incident = yield from book.incident(id_)
        if incident is not None:
            return incident.incident.ref
    elif kind == "problem":
        problem = yield from book.problem(id_)
        if problem is not None:
            return problem.value.ref
    raise NotFound("record", name)


def _change(name: str) -> Flow[tuple[str, str]]:
    """A change as (target, reference): a record by `SOURCE/KEY` or id, else a number elsewhere."""
    source, slash, key = name.partition("/")
    owner: str | None = name
    if slash:
        (owner,) = yield from Owners("change", (f"{source}\x1f{key}",))
    if owner is not None:
        (record,) = yield from Load(CHANGE, (owner,))
        if record is not None:
            return f"change/{record.id}", record.change.key
    return f"change/{name}", name


def _after(book: Workbook, work: RecordDraft[p.Problem], link: Link) -> Flow[None]:
    """What follows from a tie: a doubt about a fix, a change that is done already."""
    kind, _, id_ = link.target.partition("/")
    if link.kind is LinkKind.CAUSES:
        draft = yield from book.incident(id_)
        if draft is not None:
            yield from linked(book, work, draft.incident)
    elif link.kind is LinkKind.RESOLVED_BY_CHANGE and kind == "change":
        (record,) = yield from Load(CHANGE, (id_,))
        done = book.setting.policy.problems.change_done
        if record is not None and record.change.labels.get("status", "").casefold() in done:
            yield from _is_done(book, work, link)


def mirrored(book: Workbook, work: RecordDraft[p.Problem], link: Link, cause: str) -> Flow[None]:
    """The problem's end of a tie that was made at an incident, and what follows from it.

    A workaround taken from it counts as a use of its known error.
    """
    draft = yield from book.incident(link.target.removeprefix("incident/"))
    if link.kind is LinkKind.WORKAROUND_FOR and work.value.published and draft is not None:
        events = used(work.value, link.target, link.ref, None)
        yield from write_use(book, work, events, draft.incident, by=SYSTEM, cause=cause)
        return
    work.happened(p.ProblemLinked(link), book.setting, book.at, by=SYSTEM, cause=cause)
    if link.kind is LinkKind.CAUSES and draft is not None:
        yield from linked(book, work, draft.incident, cause)


def write_use(
    book: Workbook,
    work: RecordDraft[p.Problem],
    events: tuple[Event, ...],
    incident: Incident,
    **more: str,
) -> Flow[None]:
    """Write down the use of a known error, with how well it fitted the incident.

    Where the incident said so itself, its own end of the tie is there already.
    """
    policy, setting = book.setting.policy, book.setting
    for event in events:
        error = work.value.known_error
        if isinstance(event, KnownErrorUsed) and error is not None:
            known = yield from known_of(book, incident, names_of((work.value,)))
            fits = score(incident, work.value, error, policy.problems, policy.hash, known)
            work.happened(event, setting, book.at, reason=fits, **more)
        elif more:
            work.happened(event, setting, book.at, **more)
        else:
            happen(book, work, (event,))


# --- changes --------------------------------------------------------------------------------------


def change_done(book: Workbook, id_: str, change: Change) -> Flow[None]:
    """A change is done, as its source says: every problem that it resolves hears of it."""
    names = frozenset(
        f"change/{each}" for each in (id_, change.key, f"{change.source}/{change.key}")
    )
    after: Cursor | None = None
    while True:
        query = Query("problem", OneOf("state", _STATES), "state", after=after, limit=_PAGE)
        found = yield from Find(PROBLEM, query)
        for problem in found.items:
            for link in problem.links:
                if link.kind is LinkKind.RESOLVED_BY_CHANGE and link.target in names:
                    work = yield from book.problem(problem.id)
                    if work is not None:
                        yield from _is_done(book, work, link)
        after = found.next
        if after is None:
            return


def _is_done(book: Workbook, work: RecordDraft[p.Problem], link: Link) -> Flow[None]:
    if link.target in work.value.done:
        return
    events: list[Event] = [k.ChangeDone(link.target, link.ref)]
    changes = [x for x in work.value.links if x.kind is LinkKind.RESOLVED_BY_CHANGE]
    done = (*work.value.done, link.target)
    if all(x.target in done for x in changes):
        events.append(k.ChangesDone(tuple(x.ref for x in changes)))
    happen(book, work, events, by=SYSTEM)
    yield from call_for(book, work, events)


# --- duplicates -----------------------------------------------------------------------------------


def survivor(
    book: Workbook, problem: p.Problem, command: p.CancelProblem
) -> Flow[RecordDraft[p.Problem]]:
    """The problem that stays; of a chain of duplicates, its end.

    Raises NotFound where there is none, InvalidValue where it is the problem itself.
    """
    _, id_ = yield from resolve_ref(command.duplicate_of or "", book)
    seen = {problem.id}
    while True:
        work = yield from book.problem(id_)
        if work is None:
            raise NotFound("problem", command.duplicate_of or "")
        if work.value.id in seen:
            raise InvalidValue("duplicate_of", "a problem cannot duplicate itself")
        seen.add(work.value.id)
        further = work.value.targets(LinkKind.DUPLICATE_OF)
        if not further:
            return work
        id_ = further[0].removeprefix("problem/")


def moved(book: Workbook, work: RecordDraft[p.Problem], stays: RecordDraft[p.Problem]) -> None:
    """What a duplicate had is the survivor's: its incidents, and those that wait for it."""
    here, there = work.value, stays.value
    happen(book, work, (_tied(LinkKind.DUPLICATE_OF, there),))
    happen(book, stays, (_tied(LinkKind.DUPLICATED_BY, here),))
    for link in here.links:
        if link.kind is LinkKind.CAUSES:
            happen(book, work, (p.ProblemUnlinked(link),))
            if not there.linked(link.kind, link.target):
                happen(book, stays, (p.ProblemLinked(link),))


def _tied(kind: LinkKind, to: p.Problem) -> p.ProblemLinked:
    return p.ProblemLinked(Link(kind, f"problem/{to.id}", to.ref))
