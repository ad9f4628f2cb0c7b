"""A command, from whoever gives it: find the record, ask whether they may, decide, commit."""

from __future__ import annotations

from typing import Any, cast

import attrs

from incidentkit.errors import (
    CallerError,
    InvalidValue,
    NotAuthorised,
    NotFound,
    StaleToken,
    VersionMismatch,
)
from incidentkit.flows.advance import apply, decide, settle
from incidentkit.flows.draft import Draft, ProblemDraft, Workbook, recorded
from incidentkit.flows.effects import Ask, Commit, Find, Flow, NewId, NewNumber, Now, Owners
from incidentkit.flows.kinds import DELIVERY
from incidentkit.flows.outgoing import notify
from incidentkit.flows.questions import MayAct
from incidentkit.flows.setting import Outcome, Setting, fingerprint, unchanged
from incidentkit.ids import TaskId
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import problem as p
from incidentkit.model.incident import Card, Incident, Link
from incidentkit.model.words import CancelReason, LinkKind, MessageKind
from incidentkit.ports.query import AllOf, Compare, Op, Query
from incidentkit.ports.rows import Committed, Done, KeyChange, Request, Settle
from incidentkit.rules import communicate, problem_lifecycle, react
from incidentkit.rules.authorise import BREAK_GLASS, BROKEN_GLASS
from incidentkit.rules.evolve import birth

Record = Incident | p.Problem


def execute(setting: Setting, command: c.Command) -> Flow[Outcome[Record]]:
    """Carry a command out; the record as it stands afterwards.

    Raises NotFound, NotAuthorised, VersionMismatch, TransitionNotAllowed, MissingFields or
    InvalidValue; then nothing was changed.
    """
    at = yield from Now()
    book = Workbook(setting, at)
    try:
        value = yield from _done(book, command)
    except CallerError as error:
        before = (
            None if isinstance(error, NotAuthorised) else (yield from _before(setting, command))
        )
        if before is None:
            raise
        return Outcome(cast("Record", None), at, before.replayed, before.result or "")
    yield from book.adopt_first()
    kind = "incident" if isinstance(value, Incident) else "problem"
    request = _request(setting, command, f"{kind}/{value.id}")
    commit = book.commit(request)
    if request is None and unchanged(commit):
        return Outcome(value, at)
    done = yield from commit
    return Outcome(value, at, done.replayed, done.result or "")


def _done(book: Workbook, command: c.Command) -> Flow[Record]:
    """The record as the command leaves it, in the book."""
    if isinstance(command, c.Declare):
        draft = yield from declare(book, command)
        yield from settle(book, draft)
        return draft.incident
    if isinstance(command, p.RaiseProblem):
        return (yield from _raise_problem(book, command))
    if isinstance(command, p.ProblemCommand):
        return (yield from _on_problem(book, command))
    return (yield from _on_incident(book, command))


def _request(setting: Setting, command: c.Command, result: str) -> Request | None:
    if setting.request is None:
        return None
    print_ = fingerprint(command, setting.actor, setting.by)
    return Request(setting.request, print_, result)


def _before(setting: Setting, command: c.Command) -> Flow[Committed | None]:
    """What an earlier call with this request id did; None where there was none.

    A command that was carried out is mostly refused the second time: resolved is resolved. A store
    judges a replay before all else, so a commit that nobody could make asks it and changes nothing.
    """
    request = _request(setting, command, "")
    if request is None:
        return None
    nothing = Settle(TaskId("no task"), "", Done())
    try:
        found: Committed = yield from Commit(settles=(nothing,), request=request)
    except StaleToken:
        return None
    return found


def resolve_ref(name: str) -> Flow[tuple[str, str]]:
    """The (kind, id) of a record by its reference, `kind/id` or bare incident id."""
    kind, slash, id_ = name.partition("/")
    if slash:
        return kind, id_
    (owner,) = yield from Owners("ref", (name,))
    if owner is None:
        return "incident", name
    kind, _, id_ = owner.partition("/")
    return kind, id_


def authorise(
    book: Workbook, action: str, subject: str, draft: Draft | None, *, party: str = ""
) -> Flow[None]:
    """Raise NotAuthorised unless the actor, and whoever they act for, may.

    `party` is who acts where a message's token proved it. What is done without the authoriser,
    because it failed, is journaled as such.
    """
    setting = book.setting
    if not setting.guarded:
        return
    for actor in (party,) if party else dict.fromkeys((setting.actor, setting.by)):
        paged = action in BREAK_GLASS and (yield from _was_paged(actor, draft))
        permission = yield from Ask(MayAct(actor, action, subject, paged))
        if not permission.granted:
            raise NotAuthorised(actor, action, subject, permission.why)
        if draft is not None and permission.why == BROKEN_GLASS:
            note = e.Noted(f"{action} by {actor}: {permission.why}")
            draft.happened(note, setting, book.at, by="system")


def _was_paged(actor: str, draft: Draft | None) -> Flow[bool]:
    if draft is None:
        return False
    where = AllOf(
        (
            Compare("subject", Op.EQ, f"incident/{draft.incident.id}"),
            Compare("party", Op.EQ, actor),
        )
    )
    found = yield from Find(DELIVERY, Query("delivery", where, limit=1000))
    return any(each.kind is MessageKind.PAGE for each in found.items)


def declare(book: Workbook, command: c.Declare, *, authorised: bool = False) -> Flow[Draft]:
    """A new incident, or a candidate, with everything its declaration states."""
    setting, policy = book.setting, book.setting.policy
    if not authorised:
        yield from authorise(book, command.action, "incident", None)
    _known(setting, command.service, (command.assign, command.owner))
    impact, urgency = command.impact or "unknown", command.urgency or "unknown"
    _ = policy.matrix.check("impact", impact)
    _ = policy.matrix.check("urgency", urgency)
    id_ = yield from NewId()
    series = policy.series["incident"]
    number = yield from NewNumber(series)
    card = Card(
        command.subject,
        command.summary,
        command.service,
        command.labels,
        command.source,
        command.reporter,
    )
    born = e.Declared(
        id_,
        f"{series}-{number}",
        card,
        command.candidate,
        command.occurred_at,
        command.detected_at,
    )
    draft = Draft(birth(born, book.at), new=True)
    book.begin(draft)
    draft.recorded.append(recorded(born, setting, book.at))
    draft.fresh.append(born)
    stated: list[Any] = []
    if (impact, urgency) != ("unknown", "unknown"):
        stated.append(e.Rated(impact, urgency, ""))
    if command.priority is not None:
        stated.append(e.Prioritised(command.priority, None, False, True))
    if command.assign is not None:
        stated.append(e.Assigned(command.assign, None))
    if command.owner is not None:
        stated.append(e.OwnerChanged(command.owner, None))
    if command.successor_of is not None:
        kind, target = yield from resolve_ref(command.successor_of)
        other = (yield from book.incident(target)) if kind == "incident" else None
        if other is None:
            raise NotFound("incident", command.successor_of)
        stated.append(e.Linked(LinkKind.SUCCESSOR_OF, f"incident/{target}", other.incident.ref))
    apply(book, draft, stated)
    return draft


def _known(setting: Setting, service: str | None, parties: tuple[str | None, ...]) -> None:
    """In a closed world, names that the policy does not list are refused."""
    policy = setting.policy
    if not policy.closed:
        return
    if service is not None and service not in policy.services:
        raise InvalidValue("service", f"{service!r} is not listed, and the policy is closed")
    for party in parties:
        if party is not None and party not in policy.parties:
            raise InvalidValue("party", f"{party!r} is not listed, and the policy is closed")


def _on_incident(book: Workbook, command: c.Command) -> Flow[Incident]:
    kind, id_ = yield from resolve_ref(command.subject)
    draft = (yield from book.incident(id_)) if kind == "incident" else None
    if draft is None:
        raise NotFound("incident", command.subject)
    incident = draft.incident
    yield from authorise(book, command.action, f"incident/{incident.ref}", draft)
    if command.if_version is not None and command.if_version != incident.version:
        raise VersionMismatch(incident.ref, command.if_version, incident.version)
    command = yield from _with_target(book, command)
    _check_names(book, command)
    apply(book, draft, decide(book, draft, command, book.setting.by))
    yield from settle(book, draft)
    if isinstance(command, c.Notify):
        yield from _notify(book, draft, command)
    return draft.incident


def _check_names(book: Workbook, command: c.Command) -> None:
    matrix = book.setting.policy.matrix
    if isinstance(command, c.Triage | c.Prioritise):
        if command.impact is not None:
            _ = matrix.check("impact", command.impact)
        if command.urgency is not None:
            _ = matrix.check("urgency", command.urgency)
    elif isinstance(command, c.Assign):
        _known(book.setting, None, (command.assignee, command.owner))
    elif isinstance(command, c.Edit):
        _known(book.setting, command.service, ())


def _with_target(book: Workbook, command: c.Command) -> Flow[c.Command]:
    """Look up the record that a link or a duplicate names; it must exist."""
    if isinstance(command, c.LinkTo):
        return attrs.evolve(command, target=(yield from _target(book, command.target)))
    if isinstance(command, c.Cancel) and command.reason is CancelReason.DUPLICATE:
        if not command.target:
            return command
        return attrs.evolve(command, target=(yield from _target(book, command.target)))
    return command


def _target(book: Workbook, target: str) -> Flow[str]:
    """The record as `kind/id|reference`. Raises NotFound."""
    kind, id_ = yield from resolve_ref(target)
    if kind == "problem":
        problem = yield from book.problem(id_)
        ref = None if problem is None else problem.problem.ref
    else:
        other = yield from book.incident(id_)
        ref = None if other is None else other.incident.ref
    if ref is None:
        raise NotFound("record", target)
    return f"{kind}/{id_}|{ref}"


def _notify(book: Workbook, draft: Draft, command: c.Notify) -> Flow[None]:
    policy = book.setting.policy
    if command.audience not in policy.audiences:
        raise NotFound("audience", command.audience)
    if not book.setting.taking(MessageKind.NOTICE):
        raise InvalidValue("audience", "no channel takes notices; pass one to Desk.open")
    text = command.text
    if not text:
        rules = [x for x in policy.notices if x.audience == command.audience]
        if not rules:
            raise InvalidValue("text", f"the policy has no template for {command.audience!r}")
        text = communicate.written(draft.incident, rules[0])
    _ = yield from notify(book, draft, command.audience, text, None)


def _raise_problem(book: Workbook, command: p.RaiseProblem) -> Flow[p.Problem]:
    setting = book.setting
    yield from authorise(book, command.action, "problem", None)
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
    work = ProblemDraft(problem_lifecycle.birth(raised, book.at), new=True)
    work.recorded.append(recorded(raised, setting, book.at))
    book.problems[id_] = work
    book.keys.append(KeyChange("ref", raised.ref, None, f"problem/{id_}"))
    if draft is not None:
        incident = draft.incident
        link = Link(LinkKind.CAUSES, f"incident/{incident.id}", incident.ref)
        work.happened(p.ProblemLinked(link), setting, book.at)
        draft.happened(e.Linked(LinkKind.CAUSED_BY, f"problem/{id_}", raised.ref), setting, book.at)
        yield from settle(book, draft)
    return work.problem


def _on_problem(book: Workbook, command: p.ProblemCommand) -> Flow[p.Problem]:
    kind, id_ = yield from resolve_ref(command.subject)
    work = (yield from book.problem(id_)) if kind == "problem" else None
    if work is None:
        raise NotFound("problem", command.subject)
    problem = work.problem
    yield from authorise(book, command.action, f"problem/{problem.ref}", None)
    if command.if_version is not None and command.if_version != problem.version:
        raise VersionMismatch(problem.ref, command.if_version, problem.version)
    for event in problem_lifecycle.decide(problem, command, book.at):
        work.happened(event, book.setting, book.at)
        links = tuple((link.kind, link.target) for link in work.problem.links)
        for other in react.elsewhere(links, event):
            stream = f"problem/{problem.id}"
            book.react_elsewhere(other.kind, other.id, stream, work.problem.version)
    return work.problem
