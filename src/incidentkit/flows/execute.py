"""A command, from whoever gives it: find the record, ask whether they may, decide, commit."""

from __future__ import annotations

from importlib import import_module
from typing import cast

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
from incidentkit.flows.declare import declare, known
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Commit, Flow, Now
from incidentkit.flows.gate import authorise, lookup, resolve_ref
from incidentkit.flows.kinds import Record, kind_of
from incidentkit.flows.outgoing import notify
from incidentkit.flows.reaching import known_of
from incidentkit.flows.setting import Outcome, Setting, fingerprint, unchanged
from incidentkit.ids import TaskId
from incidentkit.model import fitting
from incidentkit.model import incident_commands as c
from incidentkit.model.words import ACTIVE, CancelReason, MessageKind
from incidentkit.ports.rows import Committed, Done, Request, Settle
from incidentkit.rules import communicate

ABOUT = {
    "problem": "incidentkit.flows.problems",
    "relation": "incidentkit.flows.relations",
    "report": "incidentkit.flows.reports",
    "maintenance": "incidentkit.flows.maintenance",
    "silence": "incidentkit.flows.silences",
    "review": "incidentkit.flows.reviews",
}
"""What a command is about -> the flow that carries it out; all others are on one incident."""


def execute(setting: Setting, command: c.Command) -> Flow[Outcome[Record]]:
    """Carry a command out; the record as it stands afterwards.

    Raises NotFound, NotAuthorised, VersionMismatch, TransitionNotAllowed, MissingFields or
    InvalidValue; then nothing was changed.
    """
    fitting.check(command)
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
    home = ABOUT.get(command.about)
    if home is not None:
        return cast("Record", (yield from import_module(home).carry_out(book, command)))
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


def _on_incident(book: Workbook, command: c.Command) -> Flow[Record]:
    breaks = command.action == "break_glass"
    if breaks:
        kind, id_ = yield from lookup(command.subject)
    else:
        kind, id_ = yield from resolve_ref(command.subject, book)
    if kind != "incident" and isinstance(command, c.LinkTo | c.Unlink):
        if kind == "problem":
            from incidentkit.flows.problem_links import tie

            return (yield from tie(book, command))
        from incidentkit.flows.linking import on_record

        return cast("Record", (yield from on_record(book, command, kind, id_)))
    draft = (yield from book.incident(id_)) if kind == "incident" else None
    if draft is None:
        raise NotFound("incident", command.subject)
    incident = draft.incident
    if breaks:
        from incidentkit.flows.glass import allowed

        yield from allowed(book, command.subject, draft)
    else:
        yield from authorise(book, command.action, f"incident/{incident.ref}", draft)
    if command.if_version is not None and command.if_version != incident.version:
        raise VersionMismatch(incident.ref, command.if_version, incident.version)
    command = yield from _with_target(book, draft, command)
    _check_names(book, command)
    ended = incident.course.ending.cancelled
    apply(book, draft, decide(book, draft, command, book.setting.by))
    yield from _relate(book, draft, command, ended)
    yield from settle(book, draft)
    if isinstance(command, c.Notify):
        yield from _notify(book, draft, command)
    elif breaks:
        from incidentkit.flows.glass import tell

        yield from tell(book, draft)
    elif command.action == "redact":
        from incidentkit.flows import redacting

        yield from redacting.promise(book, draft)
    elif command.action in _HOLDS:
        from incidentkit.flows.keeping_payloads import mark

        yield from mark(book, draft)
    return draft.incident


_HOLDS = frozenset(("place_legal_hold", "lift_legal_hold"))
_RATING = (c.Triage, c.Prioritise)


_NAMES = {
    "take_role": "holder",
    "offer_handover": "to",
    "add_task": "assignee",
    "assign_task": "assignee",
}
"""The fields of further commands that name a party."""


def _check_names(book: Workbook, command: c.Command) -> None:
    matrix = book.setting.policy.matrix
    if isinstance(command, _RATING):
        if command.impact is not None:
            _ = matrix.check("impact", command.impact)
        if command.urgency is not None:
            _ = matrix.check("urgency", command.urgency)
    elif isinstance(command, c.Assign):
        known(book.setting, None, (command.assignee, command.owner, command.team))
    elif isinstance(command, c.Edit):
        known(book.setting, command.service, ())
        _ = book.setting.policy.catalogue.check_category(command.category or "")
    elif command.action in _NAMES:
        known(book.setting, None, (getattr(command, _NAMES[command.action]),))


_UNDONE = frozenset((CancelReason.DUPLICATE, CancelReason.MERGED))


def _with_target(book: Workbook, draft: Draft, command: c.Command) -> Flow[c.Command]:
    """Look up what a link or a duplicate names, and the children of what is to end."""
    if isinstance(command, c.LinkTo):
        from incidentkit.flows.linking import link_target

        target = yield from link_target(book, "incident", command.kind, command.target)
        return attrs.evolve(command, target=target)
    if isinstance(command, c.Cancel) and command.reason is CancelReason.DUPLICATE:
        if not command.target:
            return command
        kind, id_ = yield from resolve_ref(command.target, book)
        other = (yield from book.incident(id_)) if kind == "incident" else None
        if other is None:
            raise NotFound("incident", command.target)
        return attrs.evolve(command, target=f"incident/{id_}|{other.incident.ref}")
    if isinstance(command, c.Resolve | c.Close) and (draft.incident.ties.links or command.children):
        from incidentkit.flows.family import with_children

        return (yield from with_children(book, draft, command))
    return command


def _relate(
    book: Workbook, draft: Draft, command: c.Command, ended: CancelReason | None
) -> Flow[None]:
    """What a command does to other incidents in the same commit: family, duplicates, undoing."""
    if isinstance(command, c.LinkTo):
        from incidentkit.flows.linking import check_family, other_end

        other = yield from check_family(book, draft, command)
        if other is not None:
            other_end(book, draft, other, command.kind)
            yield from settle(book, other)
    elif isinstance(command, c.Cancel) and command.reason is CancelReason.DUPLICATE:
        from incidentkit.flows.relations import take_over

        survivor = yield from book.incident(command.target.partition("|")[0].partition("/")[2])
        if survivor is not None:
            yield from take_over(book, draft, survivor)
    elif isinstance(command, c.Reopen) and ended in _UNDONE and ended is not None:
        from incidentkit.flows.relations import undo

        yield from undo(book, draft, ended, command.reason)


def _notify(book: Workbook, draft: Draft, command: c.Notify) -> Flow[None]:
    policy = book.setting.policy
    members = communicate.members(draft.incident, policy.audiences, command.audience)
    if members is None:
        choices = (*policy.audiences, *communicate.DYNAMIC)
        raise NotFound("audience", command.audience, choices)
    if not book.setting.taking(MessageKind.NOTICE):
        raise InvalidValue("audience", "no channel takes notices; pass one to Desk.open")
    text = command.text
    if not text:
        rules = [x for x in policy.notices if x.audience == command.audience]
        if not rules:
            raise InvalidValue("text", f"the policy has no template for {command.audience!r}")
        known = yield from known_of(book, draft.incident, rules[0].template.names())
        text = communicate.written(draft.incident, rules[0], known)
    if command.next_update_in is not None and draft.incident.life.state not in ACTIVE:
        problem = f"{draft.incident.ref} is over, and a promise ends with it; notify without one"
        raise InvalidValue("next_update_in", problem)
    again_in = command.next_update_in
    _ = yield from notify(book, draft, command.audience, members, text, None, again_in)
