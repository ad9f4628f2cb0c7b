"""What one record does because of what happened to another: a table, read row by row.

A row is (kind of record that hears, event that it hears of) -> commands. Whatever a row rests on is
in `Cause` as it stands now, not as it stood when the event happened: a reaction may come late,
twice or in another order, and mirrors what stands. A kind of record that is added brings rows of
its own to `REACTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import problem as p
from incidentkit.model import record_events as r
from incidentkit.model.alert import ChangeRecord, ChangeSeen
from incidentkit.model.delivery import Delivery, DeliveryReceipted, DeliveryTried
from incidentkit.model.incident import Incident, Link
from incidentkit.model.journal import Event
from incidentkit.model.reaction_commands import Call, Mirror, PageSooner, Record
from incidentkit.model.words import (
    ACTIVE,
    UNSENT,
    CancelReason,
    DeliveryState,
    LinkKind,
    MajorState,
    MessageKind,
    Response,
    State,
)
from incidentkit.rules import problem_reactions, waits
from incidentkit.rules.open_ends import open_ends
from incidentkit.rules.problem_terms import ProblemTerms
from incidentkit.rules.relation_terms import AGENTS, NOBODY
from incidentkit.rules.terms import LifecycleTerms

if TYPE_CHECKING:
    from incidentkit.model.relation_changes import ChildTurned

SYSTEM = "system"
_ENDED = frozenset((State.RESOLVED, State.CLOSED))
_WAITS = frozenset((State.NEW, State.TRIAGED))
PLAIN_PROBLEMS = ProblemTerms()
_ELSEWHERE = frozenset((CancelReason.MERGED, CancelReason.DUPLICATE))


@attrs.frozen
class Terms:
    """What a host may choose about reactions: the life-cycle, the fallback's name, problems."""

    lifecycle: LifecycleTerms
    fallback: str
    problems: ProblemTerms = PLAIN_PROBLEMS


@attrs.frozen
class Cause:
    """An entry of another record, as the listening one hears of it.

    `origin` is that record as it stands now, `links` are its links; `by` did it, and `cause` made
    the entry happen in turn. `open_children` are those of the listening record.
    """

    event: Event
    stream: str
    ref: str
    by: str
    cause: str
    at: datetime
    origin: object
    links: tuple[Link, ...] = ()
    open_children: tuple[str, ...] = ()


React: TypeAlias = Callable[[Any, Cause, Terms], tuple[c.Command, ...]]


def links_of(record: Any) -> tuple[Link, ...]:
    """The links of any record; none where its kind has none."""
    if isinstance(record, Incident):
        return record.ties.links
    found: tuple[Link, ...] = getattr(record, "links", ())
    return found


# --- links ----------------------------------------------------------------------------------------


def mirror(kind: str, mine: Any, cause: Cause, link: LinkKind) -> tuple[c.Command, ...]:
    """This end of a link as the other end has it now."""
    me = f"{kind}/{mine.id}"
    stands = any(x.kind is link and x.target == me for x in cause.links)
    here = [x for x in links_of(mine) if x.kind is link.inverse and x.target == cause.stream]
    if stands and not here:
        return (Mirror(mine.ref, Link(link.inverse, cause.stream, cause.ref), True),)
    return () if stands else tuple(Mirror(mine.ref, x, False) for x in here)


_TIED = (p.ProblemLinked, p.ProblemUnlinked, r.RecordLinked, r.RecordUnlinked)


def _of_link(kind: str) -> React:
    def react(mine: Any, cause: Cause, _terms: Terms) -> tuple[c.Command, ...]:
        event: Any = cause.event
        link = event.link.kind if isinstance(event, _TIED) else event.kind
        return mirror(kind, mine, cause, link)

    return react


# --- what an incident waited for ------------------------------------------------------------------


def _problem_heard(mine: Incident, cause: Cause, terms: Terms) -> tuple[c.Command, ...]:
    """What the policy says an incident of the problem does about its event.

    Nothing where the incident is no longer the problem's, or where a resolved problem is being
    analysed again by now.
    """
    event, origin = cause.event, cause.origin
    if not isinstance(origin, p.Problem):
        return ()
    if not origin.linked(LinkKind.CAUSES, f"incident/{mine.id}"):
        return ()
    if isinstance(event, p.ProblemResolved) and origin.state not in problem_reactions.GONE:
        return ()
    owed = problem_reactions.effects(mine, event, cause.ref, terms.problems, terms.lifecycle)
    if any(isinstance(x, c.Resume) for x in owed):
        told = f"{cause.ref} is resolved, but {' and '.join(open_ends(mine))}"
        return (*owed, Call(mine.ref, "problem_gone", told))
    return owed


def waits_for_change(incident: Incident, change: ChangeRecord) -> bool:
    """Whether it is linked to a change, also where it was linked before it was announced."""
    sent = change.change
    names = (change.id, sent.key, f"{sent.source}/{sent.key}")
    targets = {f"change/{name}" for name in names}
    return any(x.target in targets for x in incident.ties.links)


def _change_seen(mine: Incident, cause: Cause, terms: Terms) -> tuple[c.Command, ...]:
    """What waits for a change that it is linked to goes on once the change is announced."""
    change = cause.origin
    if not isinstance(change, ChangeRecord) or not waits_for_change(mine, change):
        return ()
    return waits.resumed_by(mine, "change", terms.lifecycle)


# --- parents and children -------------------------------------------------------------------------


def _kin(mine: Incident, cause: Cause, terms: Terms) -> tuple[c.Command, ...]:
    """An incident hears of its parent, of its child, or of both."""
    parent = cause.origin
    if not isinstance(parent, Incident):
        return ()
    me = f"incident/{mine.id}"
    kinds = {x.kind for x in cause.links if x.target == me}
    owed: tuple[c.Command, ...] = ()
    if LinkKind.PARENT_OF in kinds:
        owed += _as_child(mine, parent, cause, terms.lifecycle)
    if LinkKind.CHILD_OF in kinds:
        owed += tuple(Record(mine.ref, x) for x in turned(mine, parent))
        if not parent.active and not cause.open_children:
            owed += waits.resumed_by(mine, "child", terms.lifecycle)
    return owed


def turned(parent: Incident, child: Incident) -> tuple[ChildTurned, ...]:
    """What the parent has to learn of a child: that it is over, or is no longer over."""
    from incidentkit.model.relation_changes import ChildTurned  # most incidents have no family

    target = f"incident/{child.id}"
    over = not child.active
    known = target in parent.dossier.ended
    return () if over is known else (ChildTurned(target, child.ref, over),)


def follows(child: Incident, terms: LifecycleTerms) -> bool:
    """Whether a child resolves with its parent; one whose own alerts fire does not."""
    return terms.parent.resolve and not child.ties.firing


def _as_child(
    child: Incident, parent: Incident, cause: Cause, terms: LifecycleTerms
) -> tuple[c.Command, ...]:
    table, event = terms.parent, cause.event
    now, mine = parent.life.state, child.life.state
    if child.life.candidate:
        return ()
    if isinstance(event, e.Resolved):
        return _resolve(child, parent, terms) if now in _ENDED and child.active else ()
    if parent.dossier.overlays.major is MajorState.ACCEPTED:
        return ()  # a major incident moves its children only by its end
    if isinstance(event, e.Started | e.Resumed):
        held = waits.current(child)
        goes = mine in _WAITS or (held is not None and held.reason in table.hold)
        return (c.Start(child.ref),) if table.start and now is State.IN_PROGRESS and goes else ()
    if isinstance(event, e.Held):
        waits_too = event.reason in table.hold and now is State.ON_HOLD and mine is not now
        if waits_too and mine in ACTIVE:
            return (c.Hold(child.ref, reason=event.reason, court=event.court),)
        return ()
    if isinstance(event, e.Closed):
        closes = table.close and now is State.CLOSED and mine is State.RESOLVED
        return (c.Close(child.ref),) if closes else ()
    if isinstance(event, e.Cancelled):
        gone = table.cancel and now is State.CANCELLED and event.reason not in _ELSEWHERE
        why = f"{parent.ref} was cancelled"
        return (c.Cancel(child.ref, why=why),) if gone and child.active else ()
    if isinstance(event, e.Reopened) and parent.active and mine is State.RESOLVED:
        why = f"{parent.ref} was reopened: {event.reason}"
        again = c.Reopen(child.ref, reason=why, by_rule=True)
        return (again,) if _reopens(parent, cause, terms) else ()
    return ()


def _resolve(child: Incident, parent: Incident, terms: LifecycleTerms) -> tuple[c.Command, ...]:
    """The child resolves with its parent's notes; or whoever works on it is told why not."""
    if not terms.parent.resolve:
        return ()
    if not follows(child, terms):
        told = f"{parent.ref} is resolved, but {' and '.join(open_ends(child))}"
        return (Call(child.ref, "parent_gone", told),)
    ending = parent.course.ending
    outcome = parent.course.outcome
    return (c.Resolve(child.ref, code=ending.code, remedy=ending.remedy, outcome=outcome),)


def _reopens(parent: Incident, cause: Cause, terms: LifecycleTerms) -> bool:
    """Whether this reopening of the parent reopens its children."""
    table = terms.parent.reopen
    reported = cause.by == parent.card.reporter or cause.cause.startswith("report/")
    agent = cause.by != SYSTEM and not reported
    return table != NOBODY and (agent or table != AGENTS)


# --- messages -------------------------------------------------------------------------------------


def settled(delivery: Delivery, event: Event) -> e.DeliverySettled:
    """What became of a message, for the record that it is about."""
    state, detail = delivery.state.value, delivery.detail
    if isinstance(event, DeliveryReceipted):
        state, detail = "not_received", event.detail
    return e.DeliverySettled(
        delivery.id, delivery.kind, delivery.party, delivery.channel, state, detail
    )


_NOT_OUT = frozenset((DeliveryState.REFUSED, DeliveryState.RETRYING, DeliveryState.DELAYED))


def overtaken(delivery: Delivery, event: Event) -> bool:
    """Whether the word that a message waits has been overtaken by what became of it."""
    waits = isinstance(event, DeliveryTried) and event.state in UNSENT
    return waits and delivery.state not in UNSENT


def _delivered(mine: Incident, cause: Cause, terms: Terms) -> tuple[c.Command, ...]:
    """The incident hears what became of a message.

    A page that was refused, did not arrive or cannot go out makes the next round due now: somebody
    else is asked at once, but once only, since a pager that refuses everything must not use up the
    ladder. When the ladder has ended and a page of its last round came too late, there is one more
    round: an incident that nobody was ever told of must not rest.
    """
    delivery, event = cause.origin, cause.event
    if not isinstance(delivery, Delivery) or overtaken(delivery, event):
        return ()
    lost = isinstance(event, DeliveryReceipted)
    known = Record(mine.ref, settled(delivery, event))
    attention = mine.attention
    paged = delivery.kind is MessageKind.PAGE
    refused = paged and (lost or delivery.state in _NOT_OUT)
    waiting = mine.life.response is not Response.ACKNOWLEDGED
    other = delivery.party != terms.fallback and attention.round == 1
    if refused and waiting and other and attention.next_page_at is not None:
        return known, PageSooner(mine.ref, cause.at)
    last = delivery.round == attention.round > 0 and attention.next_page_at is None
    if paged and waiting and last and delivery.state is DeliveryState.EXPIRED:
        return known, PageSooner(mine.ref, cause.at)
    return (known,)


_FAMILY = (e.Started, e.Resumed, e.Held, e.Resolved, e.Closed, e.Cancelled, e.Reopened)
_LINKS = (e.Linked, e.Unlinked, *_TIED)
REACTIONS: Mapping[tuple[str, type[Event]], React] = {
    **{("incident", event): _of_link("incident") for event in _LINKS},
    **{("problem", event): _of_link("problem") for event in _LINKS},
    **{("maintenance", event): _of_link("maintenance") for event in _LINKS},
    **{("incident", event): _kin for event in _FAMILY},
    **{("incident", event): _problem_heard for event in problem_reactions.HEARD},
    ("incident", ChangeSeen): _change_seen,
    ("incident", DeliveryTried): _delivered,
    ("incident", DeliveryReceipted): _delivered,
}
"""(kind of the listening record, event it hears of) -> what it does."""


def reactions(kind: str, mine: Any, cause: Cause, terms: Terms) -> tuple[c.Command, ...]:
    """The commands that a record owes to what happened to another."""
    rule = REACTIONS.get((kind, type(cause.event)))
    return () if rule is None else rule(mine, cause, terms)


def on_incident(incident: Incident, command: c.Command) -> tuple[Event, ...] | None:
    """The events of a command that only records give one another; None for all others."""
    if isinstance(command, Mirror):
        link = command.link
        made = e.Linked if command.stands else e.Unlinked
        return (made(link.kind, link.target, link.ref),)
    if isinstance(command, Record):
        return (command.event,)
    if isinstance(command, PageSooner):
        return (e.PagingPlanned(incident.attention.round, command.at),)
    return None
