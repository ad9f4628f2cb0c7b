"""What the public is told of where it stands: by command, and following the life-cycle.

The states are those of status pages (Statuspage, Instatus): investigating, identified, monitoring,
resolved. Once there is a public state it follows the life-cycle as the policy says; when a fix does
not hold, it goes back to where it was before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from incidentkit.errors import TransitionNotAllowed
from incidentkit.model import incident_events as e
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.overlays import PublicStanding
from incidentkit.model.public_changes import PublicStated, SetPublic
from incidentkit.model.reason import Plain
from incidentkit.model.words import PublicState, State
from incidentkit.rules.evolve_parts import overlaid
from incidentkit.rules.look import Look, Said, asked
from incidentkit.rules.table import EVERYWHERE, Move, Part
from incidentkit.rules.terms import LifecycleTerms
from incidentkit.rules.ways import Way

RULE = "public.follow"
_I, _D, _M, _R = PublicState
_WORKING = (_I, _D)
_OVER = (State.CLOSED, State.CANCELLED)

PUBLIC_WAYS = tuple(
    Way(f"set_public {to}", ("none", *(x for x in PublicState if x is not to)), to)
    for to in PublicState
)
"""Every public state may follow every other: what was said too early is put right. What is closed
or cancelled can only be resolved to the public."""


def set_public(
    incident: Incident, command: SetPublic, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Another state, or more to say in the same one; the same without a word changes nothing."""
    standing, state = incident.dossier.overlays.public, incident.life.state
    if state in _OVER and command.state is not PublicState.RESOLVED:
        what = f"set_public {command.state}"
        raise TransitionNotAllowed(
            incident.ref, state.value, what, ("set_public resolved", "reopen")
        )
    was = None if standing is None else standing.state
    if command.state is was and not command.text:
        return ()
    return (PublicStated(command.state, was, command.text),)


def _stated(i: Incident, v: PublicStated, at: datetime) -> Incident:
    was = i.dossier.overlays.public
    working = PublicState.INVESTIGATING if was is None else was.working
    since = at if was is None or was.state is not v.state else was.since
    if v.state in _WORKING:
        working = v.state
    return overlaid(i, public=PublicStanding(v.state, since, working))


_MOVES = (e.Mitigated, e.ObservationBegun, e.Resolved, e.Closed, e.Cancelled)


def follow(look: Look) -> Said:
    """The public state that the life-cycle brings, where there is one or the policy begins one."""
    incident, terms = look.incident, look.terms.public
    standing = incident.dossier.overlays.public
    begins = False
    read: FrozenMap[str, Plain] = FrozenMap()
    if standing is None:
        if terms.when is None or not incident.active or incident.life.candidate:
            return ()
        begins, read = asked(look, terms.when)
        if not begins:
            return ()
    back = look.saw(e.Regressed, e.Reopened)
    if not (begins or back or look.saw(*_MOVES)):
        return ()
    inputs: dict[str, Plain] = {
        "state": incident.life.state.value,
        "was": "" if standing is None else standing.state.value,
        "working": _I.value if standing is None else standing.working.value,
        "begins": begins,
        "failed": back,
        "follows": FrozenMap({key.value: to.value for key, to in terms.follows.items()}),
    }
    if begins:
        inputs |= {"when": str(terms.when), "facts": read}
    to = judge(inputs)
    if to == inputs["was"] or not to:
        return ()
    was = None if standing is None else standing.state
    return ((PublicStated(PublicState(to), was), look.reason(RULE, inputs, to)),)


def judge(inputs: Mapping[str, Plain]) -> str:
    """The public state drawn from plain inputs; empty where nothing is said of it."""
    follows = inputs["follows"]
    brought = follows.get(str(inputs["state"])) if isinstance(follows, dict) else None
    if brought is not None:
        return str(brought)
    if inputs["begins"]:
        return _I.value
    if inputs["failed"] and inputs["was"] not in _WORKING:
        return str(inputs["working"])
    return str(inputs["was"])


PART = Part(
    (Move(SetPublic, EVERYWHERE, None, ("state",), set_public),),
    {PublicStated: _stated},
)
