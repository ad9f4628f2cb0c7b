"""What follows by itself for a major incident: proposals by rule, silence, missing roles, the end.

Rules of the policy are asked only while nobody has said anything about it: what was rejected, stood
down or demoted is proposed again by people, never by a rule that would say the same once more.
"""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.model import incident_events as e
from incidentkit.model import major_changes as m
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.reason import Plain
from incidentkit.model.words import LinkKind, MajorState, State
from incidentkit.rules.look import Look, Said, asked, holds
from incidentkit.timing.instants import show_instant

TRIGGER, SILENCE, PROBLEM = "major.trigger", "major.silence", "major.problem"
BY_SILENCE = "nobody answered"


def trigger(look: Look) -> Said:
    """The first rule of the policy that holds proposes it, or accepts it at once.

    A child is left to its parent; a candidate and what is over are left alone.
    """
    terms, incident = look.terms.major, look.incident
    if not terms.duty or not terms.rules or not _may_be_proposed(incident):
        return ()
    facts: dict[str, Plain] = {}
    asked_of: list[Plain] = []
    for rule in terms.rules:
        true, read = asked(look, rule.when)
        facts.update(read)
        asked_of.append(
            FrozenMap({"name": rule.name, "when": str(rule.when), "accepts": rule.accepts})
        )
        if true:
            inputs: dict[str, Plain] = {"rules": tuple(asked_of), "facts": FrozenMap(facts)}
            reason = look.reason(TRIGGER, inputs, judge_trigger(inputs))
            if rule.accepts:
                return ((m.MajorAccepted("", rule.name), reason),)
            answer_by = look.at + terms.answer_within
            return ((m.MajorProposed("", rule.name, answer_by), reason),)
    return ()


def _may_be_proposed(incident: Incident) -> bool:
    child = any(x.kind is LinkKind.CHILD_OF for x in incident.ties.links)
    untold = incident.dossier.overlays.major is MajorState.NONE
    return untold and incident.active and not incident.life.candidate and not child


def judge_trigger(inputs: Mapping[str, Plain]) -> str:
    """Which rule decides and how, as `name: proposed` or `name: accepted`; empty when none."""
    rules = inputs["rules"]
    for rule in rules if isinstance(rules, tuple) else ():
        if isinstance(rule, dict) and holds(rule["when"], inputs["facts"]):
            return f"{rule['name']}: {'accepted' if rule['accepts'] else 'proposed'}"
    return ""


def silence(look: Look) -> Said:
    """A proposal that nobody answered in time is accepted, where the policy says so."""
    overlays = look.incident.dossier.overlays
    answer_by = overlays.run.answer_by
    if overlays.major is not MajorState.PROPOSED or answer_by is None or answer_by > look.at:
        return ()
    inputs: dict[str, Plain] = {
        "answer_by": show_instant(answer_by),
        "accept_when_silent": look.terms.major.accept_when_silent,
        "active": look.incident.active,
    }
    outcome = judge_silence(inputs)
    reason = look.reason(SILENCE, inputs, outcome)
    if outcome == "accepted":
        return ((m.MajorAccepted(f"{BY_SILENCE} by {show_instant(answer_by)}", SILENCE), reason),)
    return ((m.MajorUnanswered(), reason),)


def judge_silence(inputs: Mapping[str, Plain]) -> str:
    """What becomes of a proposal that nobody answered."""
    return "accepted" if inputs["accept_when_silent"] and inputs["active"] else "unanswered"


def end(look: Look) -> Said:
    """The overlay ends with the incident: a proposal as rejected, a major as stood down."""
    state, major = look.incident.life.state, look.incident.dossier.overlays.major
    if state not in (State.CANCELLED, State.CLOSED):
        return ()
    why = f"the incident was {state.value}"
    if major is MajorState.PROPOSED:
        return ((m.MajorRejected(why), None),)
    if major is MajorState.ACCEPTED:
        return ((m.MajorStoodDown(why), None),)
    return ()


def staffing(look: Look) -> Said:
    """Needed roles that nobody holds become an alarm after a while; each change begins it anew."""
    incident, run = look.incident, look.incident.dossier.overlays.run
    missing: tuple[str, ...] = ()
    if incident.active and incident.dossier.overlays.major is MajorState.ACCEPTED:
        needed = (name for name, term in look.terms.roles.items() if term.needed_for_majors)
        missing = tuple(role for role in needed if incident.people.holder(role) is None)
    staff_by = run.staff_by if missing else None
    if staff_by is None and set(missing) - set(run.missing):
        staff_by = look.at + look.terms.major.staffed_within
    changed = ((m.MajorStaffing(missing, staff_by), None),) if missing != run.missing else ()
    if staff_by is not None and staff_by <= look.at:
        return (*changed, (m.MajorUnstaffed(missing), None))
    return changed


def problem(look: Look) -> Said:
    """A major that is resolved and has no problem as its cause: somebody should look for it."""
    incident, overlays = look.incident, look.incident.dossier.overlays
    if not look.saw(e.Resolved) or overlays.run.problem_proposed:
        return ()
    inputs: dict[str, Plain] = {
        "major": overlays.major.value,
        "problems": tuple(x.ref for x in incident.ties.links if x.kind is LinkKind.CAUSED_BY),
        "proposes_problem": look.terms.major.proposes_problem,
    }
    why = judge_problem(inputs)
    if not why:
        return ()
    return ((e.ProblemProposed(why), look.reason(PROBLEM, inputs, why)),)


def judge_problem(inputs: Mapping[str, Plain]) -> str:
    """Why a problem should be raised; empty when it need not."""
    was_major = inputs["major"] in (MajorState.ACCEPTED, MajorState.STOOD_DOWN)
    if not was_major or inputs["problems"] or not inputs["proposes_problem"]:
        return ""
    return "a major incident was resolved and no problem is named as its cause"
