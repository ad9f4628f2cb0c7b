"""Two incidents turn out to be one, or one turns out to be two: what each of them is left with.

Pure over both incidents and what is moved between them; the flow finds the alerts and reports, and
writes both ends in one commit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import attrs

from incidentkit.errors import InvalidValue, TransitionNotAllowed
from incidentkit.model import incident_events as e
from incidentkit.model import relation_changes as r
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident, Link
from incidentkit.model.journal import Event
from incidentkit.model.words import ACTIVE, CancelReason, LinkKind, MajorState, Mode, Moment, State
from incidentkit.rules import hand_tasks, survive
from incidentkit.rules.custody import held
from incidentkit.rules.endings import SUCCESSOR

HOME = ACTIVE | {State.RESOLVED}
"""The states in which an incident can take in what belongs to another."""
KEPT = frozenset(
    (
        LinkKind.CHILD_OF,
        LinkKind.DUPLICATE_OF,
        LinkKind.MERGED_INTO,
        LinkKind.MERGED_FROM,
        LinkKind.SPLIT_FROM,
        LinkKind.SPLIT_INTO,
    )
)
"""Links that tell how an incident came about, or where it belongs: they stay where they are."""
_FAMILY = frozenset((LinkKind.CHILD_OF, LinkKind.PARENT_OF))
_OTHER_WAY = "merge the other way round"
_RUNNING = (MajorState.PROPOSED, MajorState.ACCEPTED)
"""States of a major that somebody attends to, the weaker first."""
_REACH = tuple(Mode)
"""How far the library acts, the least first."""


@attrs.frozen
class Contents:
    """What goes from one incident to another: ids of alerts and reports, and how many fire."""

    alerts: tuple[str, ...] = ()
    firing: int = 0
    reports: tuple[str, ...] = ()


@attrs.frozen
class Two:
    """What happens to the one that takes in, and to the one that gives."""

    taker: tuple[Event, ...]
    giver: tuple[Event, ...]


def stream(incident: Incident) -> str:
    """The incident as links name it."""
    return f"incident/{incident.id}"


def check_home(incident: Incident, action: str) -> None:
    """Whether an incident can take in contents. Raises TransitionNotAllowed."""
    state = incident.life.state
    if state not in HOME:
        allowed = ("reopen it first",) if state is not State.CLOSED else ("reopen it", SUCCESSOR)
        raise TransitionNotAllowed(incident.ref, state.value, f"take part in {action}", allowed)


def check_free(incident: Incident, action: str) -> None:
    """Whether contents may leave it: under a legal hold it is kept as it is.

    Raises TransitionNotAllowed naming the hold, who placed it and why.
    """
    why = held(incident)
    if why:
        turned = (_OTHER_WAY,) if action in ("merge", "cancel (duplicate)") else ()
        allowed = (*turned, "lift_legal_hold")
        raise TransitionNotAllowed(f"{incident.ref} (legal hold)", why, action, allowed)


def check_major(survivor: Incident, other: Incident, action: str) -> None:
    """Whether a major would end without anybody saying so, because the survivor is none.

    Whoever is called, staffed and told for a major is so by the record that is one; cancelled into
    a lesser one, all of that would stop. Raises TransitionNotAllowed.
    """
    mine, theirs = survivor.dossier.overlays.major, other.dossier.overlays.major
    if theirs not in _RUNNING or mine in _RUNNING[_RUNNING.index(theirs) :]:
        return
    accepted = theirs is MajorState.ACCEPTED
    end, equal = ("stand_down", "accept_major") if accepted else ("reject_major", "propose_major")
    allowed = (_OTHER_WAY, f"{end} of {other.ref}", f"{equal} of {survivor.ref}")
    raise TransitionNotAllowed(
        f"{other.ref} (major)", theirs.value, f"{action} into {survivor.ref}, which is not", allowed
    )


def check_reach(survivor: Incident, other: Incident, action: str) -> None:
    """Whether what is acted on would go on where the library only looks on or advises.

    A ticket in shadow pages nobody; merged into it, a live incident would fall silent. Raises
    TransitionNotAllowed.
    """
    if _REACH.index(survivor.mode) >= _REACH.index(other.mode):
        return
    allowed = (_OTHER_WAY, f"set_mode of {survivor.ref}")
    raise TransitionNotAllowed(
        f"{other.ref} ({other.mode})", other.life.state.value,
        f"{action} into {survivor.ref} ({survivor.mode})", allowed,
    )  # fmt: skip


def check_two(one: Incident, other: Incident, action: str) -> None:
    """Whether there are two. Raises InvalidValue."""
    if one.id == other.id:
        raise InvalidValue("target", f"{one.ref} cannot {action} itself")


def absorb(
    survivor: Incident, other: Incident, contents: Contents, how: CancelReason, why: str
) -> Two:
    """The survivor takes the other's contents; merged, its links and earliest instants as well.

    Nothing happens where there is nothing to take, and the two are no more than linked. The label
    of the survivor has risen before (`labelling`).
    """
    merged = how is CancelReason.MERGED
    added = survive.watchers(survivor, other)
    tasks = hand_tasks.hand(survivor, other)
    if not merged and not (contents.alerts or contents.reports or added or tasks.giver):
        return Two((), ())
    kept = {(x.kind, x.target) for x in survivor.ties.links}
    given = _movable(survivor, other) if merged else ()
    near = stream(survivor)
    taken = tuple(x for x in given if (x.kind, x.target) not in kept and x.target != near)
    moments = survive.moments(survivor, other) if merged else FrozenMap[Moment, datetime]()
    known = survivor.course.moments
    was = FrozenMap({x: known[x] for x in moments if x in known})
    before, scope = survivor.dossier.scope, survivor.dossier.scope
    if merged:
        scope = survive.scope(before, other.dossier.scope)
    absorbed = r.Absorbed(
        stream(other),
        other.ref,
        how,
        contents.alerts,
        contents.firing,
        contents.reports,
        taken,
        added,
        moments,
        was,
        scope,
        before,
        why,
        tasks.added,
    )
    gave = r.GivenUp(
        stream(survivor),
        survivor.ref,
        how,
        contents.alerts,
        contents.firing,
        contents.reports,
        given,
        why,
        tasks.went,
    )
    return Two(
        (
            *_each(e.Unlinked, _far_ends(survivor, other, given)),
            *_each(e.Linked, taken),
            *_over(other, taken),
            *tasks.taker,
            absorbed,
        ),
        (*_each(e.Unlinked, given), *tasks.giver, gave),
    )


def _movable(survivor: Incident, other: Incident) -> tuple[Link, ...]:
    """What the other loses: links that go to the survivor, and the one of parent and child.

    Nobody is a child of itself, so what the two are to each other ends. Where the survivor was the
    child, its place under the other's own parent is the one that is left.
    """
    near = stream(survivor)
    kept = KEPT
    if any(x.kind is LinkKind.PARENT_OF and x.target == near for x in other.ties.links):
        kept = KEPT - {LinkKind.CHILD_OF}
    return tuple(
        x
        for x in other.ties.links
        if (x.kind in _FAMILY if x.target == near else x.kind not in kept)
    )


def _far_ends(survivor: Incident, other: Incident, links: tuple[Link, ...]) -> tuple[Link, ...]:
    """The survivor's own ends of links between the two."""
    near = stream(survivor)
    return tuple(Link(x.kind.inverse, stream(other), other.ref) for x in links if x.target == near)


def _each(
    made: Callable[[LinkKind, str, str], Event], links: tuple[Link, ...]
) -> tuple[Event, ...]:
    return tuple(made(x.kind, x.target, x.ref) for x in links)


def _over(known: Incident, links: tuple[Link, ...]) -> tuple[Event, ...]:
    """Which of these children are over already, as far as the incident knows that had them."""
    ended = frozenset(known.dossier.ended)
    return tuple(
        r.ChildTurned(x.target, x.ref, True)
        for x in links
        if x.kind is LinkKind.PARENT_OF and x.target in ended
    )


def _itself_over(child: Incident, links: tuple[Link, ...]) -> tuple[Event, ...]:
    """What a parent that has this child back must know of it, where it ended meanwhile."""
    near = stream(child)
    back = any(x.kind is LinkKind.PARENT_OF and x.target == near for x in links)
    return (r.ChildTurned(near, child.ref, True),) if back and not child.active else ()


def merge(survivor: Incident, other: Incident, contents: Contents, why: str) -> Two:
    """Everything moves to the survivor; the other is cancelled, with a link that says where to."""
    two = absorb(survivor, other, contents, CancelReason.MERGED, why)
    taken = e.Linked(LinkKind.MERGED_FROM, stream(other), other.ref)
    gone = e.Linked(LinkKind.MERGED_INTO, stream(survivor), survivor.ref)
    ended = e.Cancelled(CancelReason.MERGED, why, survivor.ref)
    return Two((*two.taker, taken), (*two.giver, gone, ended))


def give_back(
    survivor: Incident,
    other: Incident,
    absorbed: r.Absorbed,
    gave: r.GivenUp,
    contents: Contents,
    why: str,
) -> Two:
    """What a merge moved goes back, as far as it is still where the merge put it.

    `contents` are those alerts and reports. An instant or a scope that was corrected since stays,
    and so does the label: what was put together may have been read together.
    """
    known = survivor.course.moments
    undone = tuple(x for x, then in absorbed.moments.items() if known.get(x) == then)
    scope = survivor.dossier.scope
    tasks = hand_tasks.take_back(survivor, other, absorbed, gave)
    if attrs.evolve(scope, label=None) == attrs.evolve(absorbed.scope, label=None):
        scope = attrs.evolve(absorbed.scope_was, label=scope.label)
    released = r.Released(
        stream(other),
        other.ref,
        contents.alerts,
        contents.firing,
        contents.reports,
        tuple(x for x in absorbed.watchers if x in survivor.people.watchers),
        FrozenMap({x: absorbed.was[x] for x in undone if x in absorbed.was}),
        tuple(x for x in undone if x not in absorbed.was),
        scope,
        why,
    )
    here = {(x.kind, x.target) for x in survivor.ties.links}
    taken_back = tuple(x for x in absorbed.links if (x.kind, x.target) in here)
    tie = LinkKind.MERGED_FROM, stream(other)
    trace = (e.Unlinked(*tie, other.ref),) if tie in here else ()
    there = {(x.kind, x.target) for x in other.ties.links}
    regained = tuple(x for x in gave.links if (x.kind, x.target) not in there)
    ours = _far_ends(survivor, other, regained)
    back = r.ContentsMovedIn(
        stream(survivor), survivor.ref, contents.alerts, contents.firing, contents.reports, why
    )
    return Two(
        (
            *_each(e.Unlinked, taken_back),
            *_each(e.Linked, ours),
            *trace,
            *tasks.taker,
            released,
        ),
        (
            *_each(e.Linked, regained),
            *_over(survivor, regained),
            *_itself_over(survivor, regained),
            *tasks.giver,
            back,
        ),
    )


def move(taker: Incident, giver: Incident, contents: Contents, why: str) -> Two:
    """Alerts and reports go from one to the other; nothing else changes."""
    moved = contents.alerts, contents.firing, contents.reports, why
    return Two(
        (r.ContentsMovedIn(stream(giver), giver.ref, *moved),),
        (r.ContentsMovedOut(stream(taker), taker.ref, *moved),),
    )
