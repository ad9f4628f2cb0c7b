"""A command, from whoever gives it: find the record, ask whether they may, decide, commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

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
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Commit, Flow, NewId, NewNumber, Now
from incidentkit.flows.gate import authorise, resolve_ref
from incidentkit.flows.kinds import kind_of
from incidentkit.flows.outgoing import notify
from incidentkit.flows.reaching import known_of
from incidentkit.flows.setting import Outcome, Setting, fingerprint, recorded, unchanged
from incidentkit.ids import TaskId
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Card, Incident
from incidentkit.model.words import CancelReason, LinkKind, MessageKind
from incidentkit.ports.rows import Committed, Done, Request, Settle
from incidentkit.rules import communicate
from incidentkit.rules.evolve import birth

if TYPE_CHECKING:
    from incidentkit.model.problem import Problem
    from incidentkit.model.review import Review

Record: TypeAlias = "Incident | Problem | Review"


def execute(setting: Setting, command: c.Command) -> Flow[Outcome[Record]]:
    """Carry a command out; the record as it stands afterwards.

    Raises NotFound, NotAuthorised, VersionMismatch, TransitionNotAllowed, MissingFields or
    InvalidValue; then nothing was changed.
    """
    at = yield from Now()
    book = Workbook(setting, at)
    try:
        value = yield from carried_out(book, command)
    except CallerError as error:
        before = (
            None if isinstance(error, NotAuthorised) else (yield from _before(setting, command))
        )
        if before is None:
            raise
        return Outcome(cast("Record", None), at, before.replayed, before.result or "")
    yield from book.adopt_first()
    request = _request(setting, command, f"{kind_of(value)}/{value.id}")
    commit = book.commit(request)
    if request is None and unchanged(commit):
        return Outcome(value, at)
    done = yield from commit
    return Outcome(value, at, done.replayed, done.result or "")


def carried_out(book: Workbook, command: c.Command) -> Flow[Record]:
    """The record as the command leaves it, in the book."""
    if isinstance(command, c.Declare):
        draft = yield from declare(book, command)
        yield from settle(book, draft)
        return draft.incident
    if command.about == "problem":
        from incidentkit.flows.problems import carry_out

        return (yield from carry_out(book, command))
    if command.about == "review":
        from incidentkit.flows import reviews

        return (yield from reviews.carry_out(book, command))
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


def declare(book: Workbook, command: c.Declare, *, authorised: bool = False) -> Flow[Draft]:
    """A new incident, or a candidate, with everything its declaration states."""
    setting, policy = book.setting, book.setting.policy
    if not authorised:
        yield from authorise(book, command.action, "incident", None)
    _known(setting, command.service, (command.assign, command.owner, command.team))
    _ = policy.catalogue.check_category(command.category)
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
        command.category,
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
    if (impact, urgency) != ("unknown", "unknown") or command.severity:
        stated.append(e.Rated(impact, urgency, command.severity))
    if command.priority is not None:
        stated.append(e.Prioritised(command.priority, None, False, True))
    if command.assign is not None:
        stated.append(e.Assigned(command.assign, None))
    if command.owner is not None:
        stated.append(e.OwnerChanged(command.owner, None))
    if command.team is not None:
        stated.append(e.TeamChanged(command.team, None))
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


_RATING = (c.Triage, c.Prioritise)


def _check_names(book: Workbook, command: c.Command) -> None:
    matrix = book.setting.policy.matrix
    if isinstance(command, _RATING):
        if command.impact is not None:
            _ = matrix.check("impact", command.impact)
        if command.urgency is not None:
            _ = matrix.check("urgency", command.urgency)
    elif isinstance(command, c.Assign):
        _known(book.setting, None, (command.assignee, command.owner, command.team))
    elif isinstance(command, c.Edit):
        _known(book.setting, command.service, ())
        _ = book.setting.policy.catalogue.check_category(command.category or "")


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
    if kind == "incident":
        incident = yield from book.incident(id_)
        ref = None if incident is None else incident.incident.ref
    else:
        other = yield from book.record(kind, id_)
        ref = None if other is None else str(other.value.ref)
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
        known = yield from known_of(book, draft.incident, rules[0].template.names())
        text = communicate.written(draft.incident, rules[0], known)
    _ = yield from notify(book, draft, command.audience, text, None)
