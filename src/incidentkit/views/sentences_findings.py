"""One sentence for each event of what was found out: facts, causes, decisions, attachments."""

from __future__ import annotations

from incidentkit.model import attachment_changes as a
from incidentkit.model import fact_changes as x
from incidentkit.model import findings_changes as f
from incidentkit.model.facts import Fact
from incidentkit.model.journal import Event
from incidentkit.model.reason import show
from incidentkit.model.workarounds import Effective
from incidentkit.views.sentences_life import Sentence
from incidentkit.views.sentences_scope import label
from incidentkit.views.text import Teller, followed, listing, name, plain, words

_EFFECT = {
    Effective.YES: "helps",
    Effective.NO: "does not help",
    Effective.UNKNOWN: "may or may not help",
}


def fact(value: Fact) -> str:
    """A fact in words: `records_lost = 1200`."""
    if value.value is None:
        return f"{plain(value.key)} is not known any more"
    return f"{plain(value.key)} = {plain(show(value.value))}"


def _asserted(v: x.FactAsserted, t: Teller) -> str:
    of = v.fact
    known = "" if of.known_at == t.at else f"known since {t.near(of.known_at)}"
    occurred = "" if of.occurred_at is None else f"of {t.near(of.occurred_at)}"
    source = f"source {name(of.source)}" if of.source else ""
    marked = "" if of.label is None else label(of.label)
    details = listing((occurred, known, source, f"confidence {of.confidence}", marked))
    return f"{t.who} asserted {fact(of)} ({details})"


def _why_of(id_: str) -> str:
    return f" (why {plain(id_)})" if id_ else ""


def _proposed(v: f.HypothesisProposed, t: Teller) -> str:
    of = v.hypothesis
    return followed(f"{t.who} proposed {plain(of.id)}{_why_of(of.explains)}", of.text)


def _judged(v: f.HypothesisJudged, t: Teller) -> str:
    return followed(f"{t.who}: {plain(v.id)} is {words(v.verdict)}", v.evidence)


def _cause(v: f.CauseNamed, t: Teller) -> str:
    of = v.cause
    category = f", {plain(of.category)}" if of.category else ""
    what = f"the {words(of.part)} cause {plain(of.id)}{category}{_why_of(of.explains)}"
    return followed(f"{t.who} named {what}", of.text)


def _confirmed(v: f.CauseConfirmed, t: Teller) -> str:
    return followed(f"{t.who} confirmed the cause {plain(v.id)}", v.why)


def _rejected(v: f.CauseRejected, t: Teller) -> str:
    return followed(f"{t.who} rejected the cause {plain(v.id)}", v.why)


def _offered(v: f.WorkaroundOffered, t: Teller) -> str:
    of = v.workaround
    told = f"{t.who} offered the workaround {plain(of.id)} from {name(of.source)}"
    return followed(told, of.text)


def _effect(v: f.WorkaroundJudged, t: Teller) -> str:
    return f"{t.who}: the workaround {plain(v.id)} {_EFFECT[v.effective]}"


def _withdrawn(v: f.WorkaroundDropped, t: Teller) -> str:
    return followed(f"{t.who} withdrew the workaround {plain(v.id)}", v.reason)


def _decided(v: f.DecisionRecorded, t: Teller) -> str:
    of = v.decision
    instead = f", instead of {plain(v.supersedes)}" if v.supersedes else ""
    verb = "decided against it" if of.negative else "decided"
    told = f"{t.who} {verb} ({plain(of.id)}{instead}): {plain(of.question)}"
    return f"{told} {plain(of.outcome)}; because {plain(of.reasons)}"


def _attached(v: a.Attached, t: Teller) -> str:
    of = v.attachment
    holder = "" if t.is_actor(of.holder) else f", held by {name(of.holder)}"
    marked = "" if of.label is None else f", {label(of.label)}"
    what = f"{plain(of.media_type)}, {of.size} bytes, sha-256 {plain(of.hash[:12])}"
    return f"{t.who} attached {plain(of.id)} {name(of.name)} ({what}{marked}){holder}"


def _handed(v: a.AttachmentHandedOver, t: Teller) -> str:
    told = f"{t.who} handed {plain(v.id)} over to {name(v.to)} (was with {name(v.was)})"
    return followed(told, v.note)


def _labelled(v: a.AttachmentLabelled, t: Teller) -> str:
    told = f"{t.who} set the label of {plain(v.id)} to {label(v.label)} (was {label(v.was)})"
    return followed(told, v.reason)


def _detached(v: a.AttachmentWithdrawn, t: Teller) -> str:
    return followed(f"{t.who} withdrew the attachment {plain(v.id)}", v.reason)


FINDINGS: dict[type[Event], Sentence] = {
    x.FactAsserted: _asserted,
    f.HypothesisProposed: _proposed,
    f.HypothesisJudged: _judged,
    f.CauseNamed: _cause,
    f.CauseConfirmed: _confirmed,
    f.CauseRejected: _rejected,
    f.WorkaroundOffered: _offered,
    f.WorkaroundJudged: _effect,
    f.WorkaroundDropped: _withdrawn,
    f.DecisionRecorded: _decided,
    a.Attached: _attached,
    a.AttachmentHandedOver: _handed,
    a.AttachmentLabelled: _labelled,
    a.AttachmentWithdrawn: _detached,
}
"""Event -> its sentence."""
