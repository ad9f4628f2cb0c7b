"""One sentence for each event of an incident's reach."""

from __future__ import annotations

from incidentkit.model import impact_changes as p
from incidentkit.model import scope_changes as s
from incidentkit.model.impact import ImpactAssessment
from incidentkit.model.journal import Event
from incidentkit.model.labels import Label
from incidentkit.views.sentences_life import Sentence
from incidentkit.views.text import Teller, followed, name, plain, words


def label(value: Label | None) -> str:
    """A label as people write it; `no label` where there is none."""
    return "no label" if value is None else plain(str(value))


def assessment(value: ImpactAssessment) -> str:
    """One dimension in words: `data major (about 1200 records): the archive`."""
    count = value.count
    said = count.number is not None or count.unit
    many = f" ({plain(str(count), 200)})" if said else ""
    return followed(f"{plain(value.dimension)} {plain(value.level)}{many}", value.scope)


def _aspect(v: s.AspectStated, t: Teller) -> str:
    fields = ", ".join(f"{plain(k)}={plain(x, 80)}" for k, x in v.fields.items())
    primary = ", its primary one" if v.primary else ""
    return followed(f"{t.who} stated the aspect {plain(v.aspect)}{primary}", fields)


def _no_aspect(v: s.AspectDropped, t: Teller) -> str:
    now = f" ({plain(v.primary)} is the primary one)" if v.primary else ""
    return followed(f"{t.who} dropped the aspect {plain(v.aspect)}{now}", v.reason)


def _affected(v: s.AffectedMarked, t: Teller) -> str:
    how = "is" if v.thing.certain else "could be"
    said = f"{t.who}: the {words(v.thing.kind)} {name(v.thing.name)} {how} affected"
    return followed(said, v.thing.note)


def _cleared(v: s.AffectedCleared, t: Teller) -> str:
    return followed(f"{t.who}: the {words(v.kind)} {name(v.name)} is not affected", v.reason)


def _involved(v: s.OrganisationInvolved, t: Teller) -> str:
    of = v.organisation
    role = f" as {plain(of.role)}" if of.role else ""
    return followed(f"{t.who} involved {name(of.name)} ({words(of.kind)}){role}", of.note)


def _released(v: s.OrganisationReleased, t: Teller) -> str:
    role = f" as {plain(v.role)}" if v.role else ""
    return followed(f"{t.who} released {name(v.name)}{role}", v.reason)


def _reference(v: s.ReferenceAdded, t: Teller) -> str:
    of = v.reference
    url = f" ({plain(of.url)})" if of.url else ""
    told = f"{t.who} added the reference {plain(of.system)} {plain(of.key)}{url}"
    return followed(told, of.title)


def _no_reference(v: s.ReferenceRemoved, t: Teller) -> str:
    told = f"{t.who} removed the reference {plain(v.system)} {plain(v.key)}"
    return followed(told, v.reason)


def _labelled(v: s.LabelSet, t: Teller) -> str:
    verb = "raised" if v.was is None or v.label.covers(v.was) else "lowered"
    told = f"{t.who} {verb} the label to {label(v.label)} (was {label(v.was)})"
    return followed(told, v.reason)


def _assessed(v: p.ImpactAssessed, t: Teller) -> str:
    return f"{t.who} assessed the impact on {assessment(v.assessment)}"


def _not_assessed(v: p.ImpactWithdrawn, t: Teller) -> str:
    return followed(f"{t.who} withdrew the impact on {plain(v.dimension)}", v.reason)


def _impaired(v: p.ImpactIntervalRecorded, t: Teller) -> str:
    each = v.interval
    until = "" if each.interval.end is None else f" until {t.near(each.interval.end)}"
    since = t.near(each.interval.start)
    what = f"the {words(each.kind)} {name(each.place)} {plain(each.level)}"
    return followed(f"{t.who} recorded {plain(each.id)}: {what} from {since}{until}", each.note)


def _corrected(v: p.ImpactIntervalCorrected, t: Teller) -> str:
    now, was = v.now, v.was
    what = f"{plain(now.id)}, the {words(now.kind)} {name(now.place)}"
    span, before_ = now.interval, was.interval
    ended = before_.end is None and span.end is not None and span.start == before_.start
    if ended and span.end is not None and now.level == was.level and not v.reason:
        return f"{t.who} ended {what}, at {t.near(span.end)}"
    changes: list[str] = []
    if now.level != was.level:
        changes.append(f"{plain(now.level)} (was {plain(was.level)})")
    if now.interval.start != was.interval.start:
        changes.append(f"from {t.near(now.interval.start)} (was {t.near(was.interval.start)})")
    if now.interval.end != was.interval.end:
        end, before = now.interval.end, was.interval.end
        until = "still impaired" if end is None else f"until {t.near(end)}"
        changes.append(until if before is None else f"{until} (was {t.near(before)})")
    return followed(f"{t.who} corrected {what}: {', '.join(changes)}", v.reason)


def _none(v: p.ImpactIntervalWithdrawn, t: Teller) -> str:
    return followed(f"{t.who} withdrew the impact interval {plain(v.id)}", v.reason)


SCOPE: dict[type[Event], Sentence] = {
    s.AspectStated: _aspect,
    s.AspectDropped: _no_aspect,
    s.AffectedMarked: _affected,
    s.AffectedCleared: _cleared,
    s.OrganisationInvolved: _involved,
    s.OrganisationReleased: _released,
    s.ReferenceAdded: _reference,
    s.ReferenceRemoved: _no_reference,
    s.LabelSet: _labelled,
    p.ImpactAssessed: _assessed,
    p.ImpactWithdrawn: _not_assessed,
    p.ImpactIntervalRecorded: _impaired,
    p.ImpactIntervalCorrected: _corrected,
    p.ImpactIntervalWithdrawn: _none,
}
"""Event -> its sentence."""
