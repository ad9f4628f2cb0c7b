"""One sentence for each event of planned work and of silences."""

from __future__ import annotations

from incidentkit.model import maintenance_changes as m
from incidentkit.model import record_events as r
from incidentkit.model import silence as s
from incidentkit.model.journal import Event
from incidentkit.model.suppressions import SuppressionsChanged
from incidentkit.views.sentences_life import Sentence, tie
from incidentkit.views.text import Teller, followed, many, name, plain, quoted, span


def _planned(v: m.MaintenancePlanned, t: Teller) -> str:
    on = ", ".join(plain(x) for x in (*v.card.services, *v.card.components))
    window = f"{t.near(v.start)} to {t.near(v.end)}"
    return (
        f"{t.who} planned {plain(v.ref)} {quoted(v.card.title)}{f' on {on}' if on else ''}, "
        f"{window}; owner {name(v.card.owner)}"
    )


def _short(v: m.LeadTimeShort, _: Teller) -> str:
    return f"{name(v.audience)} is owed {span(v.owed)} of notice and has {span(v.left)} left"


def _approved(v: m.MaintenanceApproved, _: Teller) -> str:
    more = "" if v.complete else "; more must agree"
    return f"{name(v.approver)} approved it{more}"


def _announced(v: m.MaintenanceAnnounced, t: Teller) -> str:
    return f"{t.who} announced it to {', '.join(map(name, v.audiences))}"


def _started(v: m.MaintenanceStarted, t: Teller) -> str:
    late = "" if v.started_at == t.at else f", as of {t.near(v.started_at)}"
    return f"{t.who} started the work{late}"


def _verifying(_: m.MaintenanceVerifying, t: Teller) -> str:
    return f"{t.who} finished the work and began to verify it"


def _completed(v: m.MaintenanceCompleted, t: Teller) -> str:
    late = "" if v.ended_at == t.at else f", as of {t.near(v.ended_at)}"
    return followed(f"{t.who} completed it{late}", v.note)


def _rescheduled(v: m.MaintenanceRescheduled, t: Teller) -> str:
    told = f"{t.who} moved it to {t.near(v.start)} to {t.near(v.end)}; it must be approved again"
    return followed(told, v.reason)


def _extended(v: m.MaintenanceExtended, t: Teller) -> str:
    return followed(f"{t.who} extended it from {t.near(v.was)} to {t.near(v.end)}", v.reason)


def _asked(_: m.MaintenanceAsked, __: Teller) -> str:
    return "its owner is asked whether it will be done in time"


def _overran(v: m.MaintenanceOverran, t: Teller) -> str:
    return f"it overran its end at {t.near(v.end)}; alerts are no longer held back"


def _proposed(v: m.IncidentProposed, _: Teller) -> str:
    return f"the candidate {plain(v.link.ref)} was opened, beginning at the planned end"


def _rolled_back(v: m.MaintenanceRolledBack, t: Teller) -> str:
    late = "" if v.ended_at == t.at else f", as of {t.near(v.ended_at)}"
    return followed(f"{t.who} rolled it back{late}", v.reason)


def _cancelled(v: m.MaintenanceCancelled, t: Teller) -> str:
    return followed(f"{t.who} cancelled it", v.reason)


def _edited(v: m.MaintenanceEdited, t: Teller) -> str:
    again = "; it must be approved again" if v.again else ""
    return f"{t.who} edited the plan {quoted(v.card.title)}{again}"


def _begun(v: s.SilenceBegun, t: Teller) -> str:
    start = "" if v.starts_at == t.at else f" from {t.near(v.starts_at)}"
    told = f"{t.who} silenced alerts of which {plain(v.when)}{start} until {t.near(v.until)}"
    return followed(told, v.reason)


def _ended(v: s.SilenceEnded, t: Teller) -> str:
    if t.is_actor("system") and not v.why:
        return "its time was over"
    return followed(f"{t.who} ended it", v.why)


def _released(v: r.AlertsReleased, _: Teller) -> str:
    cleared = f"; {many(v.cleared, 'alert')} had cleared" if v.cleared else ""
    more = "; more follow" if v.more else ""
    fired = f"{many(v.decided, 'alert')} it had held back and that still fired"
    return f"{fired}: decided again{cleared}{more}"


def _linked(v: r.RecordLinked, t: Teller) -> str:
    return f"{t.who} linked it: {tie(v.link.kind, v.link.ref)}"


def _unlinked(v: r.RecordUnlinked, t: Teller) -> str:
    return f"{t.who} unlinked it: no longer {tie(v.link.kind, v.link.ref)}"


def _answered(v: r.MessageAnswered, _: Teller) -> str:
    return (
        followed(f"{name(v.party)} answered", v.text) if v.text else f"{name(v.party)} has seen it"
    )


def _suppressions(v: SuppressionsChanged, t: Teller) -> str:
    if v.until is None:
        return f"{plain(v.ref)} no longer holds alerts back"
    return f"{plain(v.ref)} holds alerts back until {t.near(v.until)}"


PLANNED: dict[type[Event], Sentence] = {
    m.MaintenancePlanned: _planned,
    m.LeadTimeShort: _short,
    m.MaintenanceApproved: _approved,
    m.MaintenanceAnnounced: _announced,
    m.MaintenanceStarted: _started,
    m.MaintenanceVerifying: _verifying,
    m.MaintenanceCompleted: _completed,
    m.MaintenanceRescheduled: _rescheduled,
    m.MaintenanceExtended: _extended,
    m.MaintenanceAsked: _asked,
    m.MaintenanceOverran: _overran,
    m.IncidentProposed: _proposed,
    m.MaintenanceRolledBack: _rolled_back,
    m.MaintenanceCancelled: _cancelled,
    m.MaintenanceEdited: _edited,
    s.SilenceBegun: _begun,
    s.SilenceEnded: _ended,
    r.AlertsReleased: _released,
    r.RecordLinked: _linked,
    r.RecordUnlinked: _unlinked,
    r.MessageAnswered: _answered,
    SuppressionsChanged: _suppressions,
}
"""Event -> its sentence."""
