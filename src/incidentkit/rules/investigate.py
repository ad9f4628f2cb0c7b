"""What is found out: hypotheses and their evidence, causes, workarounds.

Root-cause aids are data: a cause or hypothesis may say which other one it explains, and such a
chain is the "five whys"; causes have categories from a list of the policy and a part in it.
"""

from __future__ import annotations

from datetime import datetime

from incidentkit.errors import InvalidValue, NotFound
from incidentkit.lang.names import nearest
from incidentkit.model import findings_changes as c
from incidentkit.model import incident_events as e
from incidentkit.model.causes import Cause, CausePart, CauseState
from incidentkit.model.checks import check_count
from incidentkit.model.findings import Findings
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.hypotheses import Evidence, Hypothesis, HypothesisState
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.words import Moment
from incidentkit.model.workarounds import Effective, Workaround
from incidentkit.rules import settle_questions
from incidentkit.rules.dossier_parts import changed, existing, next_id, with_findings
from incidentkit.rules.moves import need
from incidentkit.rules.table import EVERYWHERE, Move, Part
from incidentkit.rules.terms import LifecycleTerms


def chain(findings: Findings, id_: str) -> tuple[Hypothesis | Cause, ...]:
    """A hypothesis or cause, what it explains, what that explains, and so on to the first "why"."""
    found: list[Hypothesis | Cause] = []
    while id_ and len(found) <= len(findings.causes) + len(findings.hypotheses):
        each = findings.cause(id_) or findings.hypothesis(id_)
        if each is None:
            break
        found.append(each)
        id_ = each.explains
    return tuple(found)


def _explained(findings: Findings, id_: str) -> str:
    """The id of something to explain, which must exist: so a chain never ends in nothing."""
    if id_ and findings.cause(id_) is None and findings.hypothesis(id_) is None:
        there = (*(x.id for x in findings.causes), *(x.id for x in findings.hypotheses))
        raise NotFound("cause or hypothesis", id_, there[-20:])
    return id_


# --- hypotheses -----------------------------------------------------------------------------------


def propose(
    incident: Incident,
    command: c.ProposeHypothesis,
    at: datetime,
    by: str,
    _terms: LifecycleTerms,
) -> tuple[Event, ...]:
    """One hypothesis more."""
    need(incident, command, text=command.text.strip())
    findings = incident.dossier.findings
    id_ = next_id("H", findings.hypotheses, "hypotheses")
    explains = _explained(findings, command.explains)
    return (c.HypothesisProposed(Hypothesis(id_, command.text, by, at, explains)),)


def proposed(i: Incident, v: c.HypothesisProposed, _at: datetime) -> Incident:
    """One hypothesis more."""
    return with_findings(i, hypotheses=(*i.dossier.findings.hypotheses, v.hypothesis))


def judge(
    incident: Incident, command: c.JudgeHypothesis, _at: datetime, by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """A judgement needs evidence, and may be another one later; never `proposed` again."""
    need(incident, command, evidence=command.evidence.strip())
    findings = incident.dossier.findings
    found = existing(
        findings.hypothesis(command.hypothesis),
        "hypothesis",
        command.hypothesis,
        findings.hypotheses,
    )
    if command.verdict is HypothesisState.PROPOSED:
        raise InvalidValue("verdict", "must be supported, refuted or confirmed")
    check_count(len(found.evidence) + 1, "evidence")
    return (c.HypothesisJudged(found.id, command.verdict, command.evidence, by),)


def judged(i: Incident, v: c.HypothesisJudged, at: datetime) -> Incident:
    """The verdict, and the evidence beside what there was."""
    known = i.dossier.findings.hypotheses
    evidence = Evidence(v.verdict, v.evidence, v.by, at)
    return with_findings(
        i,
        hypotheses=tuple(
            Hypothesis(x.id, x.text, x.by, x.at, x.explains, v.verdict, (*x.evidence, evidence))
            if x.id == v.id
            else x
            for x in known
        ),
    )


# --- causes ---------------------------------------------------------------------------------------


def name_cause(
    incident: Incident, command: c.NameCause, _at: datetime, by: str, terms: LifecycleTerms
) -> tuple[Event, ...]:
    """One cause more; in a closed world its category must be listed."""
    need(incident, command, text=command.text.strip())
    known = terms.dossier
    category = command.category
    if known.closed and category and category not in known.cause_categories:
        hint = nearest(category, known.cause_categories)
        raise InvalidValue(
            "category", f"{category!r} is not listed, and the policy is closed; {hint}"
        )
    findings = incident.dossier.findings
    id_ = next_id("C", findings.causes, "causes")
    explains = _explained(findings, command.explains)
    cause = Cause(id_, command.text, category, command.part, explains, by=by)
    return (c.CauseNamed(cause),)


def cause_named(i: Incident, v: c.CauseNamed, _at: datetime) -> Incident:
    """One cause more."""
    return with_findings(i, causes=(*i.dossier.findings.causes, v.cause))


def _cause(incident: Incident, id_: str) -> Cause:
    findings = incident.dossier.findings
    return existing(findings.cause(id_), "cause", id_, findings.causes)


def confirm_cause(
    incident: Incident, command: c.ConfirmCause, at: datetime, by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """The cause is one. With the first confirmed root cause it is known when that was."""
    cause = _cause(incident, command.cause)
    if cause.state is CauseState.CONFIRMED:
        return ()
    confirmed = c.CauseConfirmed(cause.id, by, command.why)
    if cause.part is not CausePart.ROOT or incident.moment(Moment.CAUSE_IDENTIFIED) is not None:
        return (confirmed,)
    why = f"root cause {cause.id} is confirmed"
    return (confirmed, e.MomentCorrected(Moment.CAUSE_IDENTIFIED, None, at, why))


def cause_confirmed(i: Incident, v: c.CauseConfirmed, at: datetime) -> Incident:
    """Confirmed, by whom and when."""
    to = {"state": CauseState.CONFIRMED, "judged_by": v.by, "judged_at": at, "why": v.why}
    return with_findings(i, causes=changed(i.dossier.findings.causes, v.id, **to))


def reject_cause(
    incident: Incident, command: c.RejectCause, _at: datetime, by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """The cause is none; why must be said."""
    need(incident, command, why=command.why.strip())
    cause = _cause(incident, command.cause)
    if cause.state is CauseState.REJECTED:
        return ()
    return (c.CauseRejected(cause.id, by, command.why),)


def cause_rejected(i: Incident, v: c.CauseRejected, at: datetime) -> Incident:
    """Rejected, by whom and when."""
    to = {"state": CauseState.REJECTED, "judged_by": v.by, "judged_at": at, "why": v.why}
    return with_findings(i, causes=changed(i.dossier.findings.causes, v.id, **to))


# --- workarounds ----------------------------------------------------------------------------------


def offer(
    incident: Incident, command: c.OfferWorkaround, _at: datetime, by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """One workaround more; without a source it is from whoever says so."""
    need(incident, command, text=command.text.strip())
    id_ = next_id("W", incident.dossier.findings.workarounds, "workarounds")
    return (c.WorkaroundOffered(Workaround(id_, command.text, command.source or by)),)


def offered(i: Incident, v: c.WorkaroundOffered, _at: datetime) -> Incident:
    """One workaround more."""
    return with_findings(i, workarounds=(*i.dossier.findings.workarounds, v.workaround))


def _workaround(incident: Incident, id_: str) -> Workaround:
    findings = incident.dossier.findings
    found = existing(findings.workaround(id_), "workaround", id_, findings.workarounds)
    if found.withdrawn:
        raise InvalidValue("workaround", f"{id_} was withdrawn: {found.withdrawn[:200]}")
    return found


def try_workaround(
    incident: Incident, command: c.JudgeWorkaround, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """It helps, it does not, or nobody knows any more."""
    found = _workaround(incident, command.workaround)
    if found.effective is command.effective:
        return ()
    return (c.WorkaroundJudged(found.id, command.effective),)


def workaround_judged(i: Incident, v: c.WorkaroundJudged, _at: datetime) -> Incident:
    """What it does here."""
    known = i.dossier.findings.workarounds
    return with_findings(i, workarounds=changed(known, v.id, effective=Effective(v.effective)))


def withdraw(
    incident: Incident,
    command: c.DropWorkaround,
    _at: datetime,
    _by: str,
    _terms: LifecycleTerms,
) -> tuple[Event, ...]:
    """Not to be used any more; why must be said."""
    need(incident, command, reason=command.reason.strip())
    found = _workaround(incident, command.workaround)
    return (c.WorkaroundDropped(found.id, command.reason),)


def withdrawn(i: Incident, v: c.WorkaroundDropped, _at: datetime) -> Incident:
    """Marked, and kept."""
    known = i.dossier.findings.workarounds
    return with_findings(i, workarounds=changed(known, v.id, withdrawn=v.reason))


PART = Part(
    moves=(
        Move(c.ProposeHypothesis, EVERYWHERE, None, ("text",), propose),
        Move(c.JudgeHypothesis, EVERYWHERE, None, ("evidence",), judge),
        Move(c.NameCause, EVERYWHERE, None, ("text",), name_cause),
        Move(c.ConfirmCause, EVERYWHERE, None, (), confirm_cause),
        Move(c.RejectCause, EVERYWHERE, None, ("why",), reject_cause),
        Move(c.OfferWorkaround, EVERYWHERE, None, ("text",), offer),
        Move(c.JudgeWorkaround, EVERYWHERE, None, (), try_workaround),
        Move(c.DropWorkaround, EVERYWHERE, None, ("reason",), withdraw),
        *settle_questions.MOVES,
    ),
    evolve=FrozenMap(
        {
            c.HypothesisProposed: proposed,
            c.HypothesisJudged: judged,
            c.CauseNamed: cause_named,
            c.CauseConfirmed: cause_confirmed,
            c.CauseRejected: cause_rejected,
            c.WorkaroundOffered: offered,
            c.WorkaroundJudged: workaround_judged,
            c.WorkaroundDropped: withdrawn,
            **settle_questions.EVOLVE,
        }
    ),
)
"""What findings bring to an incident's tables."""
