"""One sentence for each event around an incident: alerts, reports, notes, messages and clocks."""

from __future__ import annotations

from incidentkit.model import incident_events as e
from incidentkit.model.clock import Clock
from incidentkit.model.journal import Event
from incidentkit.model.words import ClockState
from incidentkit.rules import suppress_alerts
from incidentkit.rules.clocks import PROMISE
from incidentkit.views.sentences_hosting import kept
from incidentkit.views.sentences_life import Sentence
from incidentkit.views.text import Teller, followed, many, name, plain, quoted, span, words


def _noted(v: e.Noted, t: Teller) -> str:
    return followed(f"{t.who} noted", v.text)


def _replied(v: e.Replied, t: Teller) -> str:
    return followed(f"{t.who} replied to {name(v.to)}", v.text)


def _alert_joined(v: e.AlertJoined, _: Teller) -> str:
    return f"alert {quoted(v.title)} joined"


def _alert_cleared(v: e.AlertCleared, _: Teller) -> str:
    return f"alert {quoted(v.title)} cleared"


def _alert_refired(v: e.AlertRefired, _: Teller) -> str:
    return f"alert {quoted(v.title)} fired again"


def _proposed(v: e.ProblemProposed, _: Teller) -> str:
    alike = f" (with {', '.join(map(plain, v.group[:10]))})" if v.group else ""
    return f"a problem is proposed: {plain(v.why)}{alike}"


def _report_joined(v: e.ReportJoined, _: Teller) -> str:
    behalf = f" for {name(v.on_behalf_of)}" if v.on_behalf_of else ""
    location = f" at {plain(v.location)}" if v.location else ""
    told = f"{name(v.reporter)}{behalf} reported {quoted(v.title)}{location}"
    return followed(told, v.text)


BESIDE = "beside the rounds"
"""Said of a call that belongs to no round of pages: of a duty, an owner."""


def _page_queued(v: e.PageQueued, _: Teller) -> str:
    which = f"round {v.round}" if v.round else BESIDE
    if v.kept:
        return f"{name(v.to)} would be paged on {plain(v.channel)} ({which}, {kept(v.kept)})"
    return f"{name(v.to)} is paged on {plain(v.channel)} ({which})"


def _page_bundled(v: e.PageBundled, _: Teller) -> str:
    waits = "waits" if v.waiting == 1 else "wait"
    which = f"round {v.round}" if v.round else BESIDE
    told = f"{name(v.to)} is not paged once more on {plain(v.channel)} ({which})"
    return f"{told}: {many(v.waiting, 'page')} {waits} there already"


def _page_withheld(v: e.PageWithheld, t: Teller) -> str:
    reason = t.recorded.reason
    if reason is not None and reason.rule == suppress_alerts.RULE:
        return f"nobody is paged: {plain(str(reason.inputs.get('by', '')))} silences what fires"
    priority = "" if reason is None else str(reason.inputs.get("priority", ""))
    return f"nobody is paged{f' at {plain(priority)}' if priority else ''} (round {v.round})"


def _paging_planned(v: e.PagingPlanned, t: Teller) -> str:
    if v.next_page_at is None:
        return f"round {v.round} of pages is the last"
    return f"pages again at {t.near(v.next_page_at)} unless somebody acknowledges"


def _notice_queued(v: e.NoticeQueued, t: Teller) -> str:
    queued = f"decided, {kept(v.kept)}," if v.kept else "queued"
    told = f"notice to {name(v.audience)} {queued} ({many(v.recipients, 'message')})"
    if v.next_update_at is not None:
        told += f", the next one promised by {t.near(v.next_update_at)}"
    return followed(told, v.text)


_NOT_OUT = {
    "retrying": "has not gone out yet",
    "delayed": "is held up: the channel is failing",
    "expired": "was not sent: it waited too long",
}
"""States that are told in words of their own."""


def _settled(v: e.DeliverySettled, _: Teller) -> str:
    detail = f" ({plain(v.detail)})" if v.detail else ""
    if v.state in _NOT_OUT:
        return f"{v.kind} to {name(v.to)} on {plain(v.channel)} {_NOT_OUT[v.state]}{detail}"
    return f"{v.kind} to {name(v.to)} on {plain(v.channel)} was {plain(words(v.state))}{detail}"


def _duty(target: str) -> str:
    return plain(f"the {target}" if target.startswith(PROMISE) else f"target {target}")


def _clock_moved(v: e.ClockMoved, t: Teller) -> str:
    clock = v.clock
    told = _duty(clock.target)
    if clock.state is ClockState.DORMANT:
        return f"{told} begins once the candidate is accepted"
    if clock.state is ClockState.CANCELLED:
        return f"{told} no longer applies"
    if clock.state is ClockState.STOPPED:
        return f"{told} ended: {ended(clock, t)}"
    due = "no due time while the hold lasts"
    if clock.due_at is not None:
        due = f"due {t.near(clock.due_at)}"
    return f"{told} is {words(clock.state)}, {due}"


def ended(clock: Clock, t: Teller) -> str:
    """How a stopped clock ended: in time, or how late."""
    if clock.due_at is None or clock.stopped_at is None:
        return "it has no due time"
    late = clock.stopped_at - clock.due_at
    if clock.stopped_at <= clock.due_at:
        return f"met {span(-late)} before {t.near(clock.due_at)}"
    return f"missed by {span(late)}, due {t.near(clock.due_at)}"


def _clock_warned(v: e.ClockWarned, t: Teller) -> str:
    return f"{_duty(v.target)} is close to its end, due {t.near(v.due_at)}"


def _clock_breached(v: e.ClockBreached, t: Teller) -> str:
    return f"{_duty(v.target)} was missed, due {t.near(v.due_at)}"


TALK: dict[type[Event], Sentence] = {
    e.Noted: _noted,
    e.Replied: _replied,
    e.AlertJoined: _alert_joined,
    e.AlertCleared: _alert_cleared,
    e.AlertRefired: _alert_refired,
    e.ReportJoined: _report_joined,
    e.ProblemProposed: _proposed,
    e.PageQueued: _page_queued,
    e.PageBundled: _page_bundled,
    e.PageWithheld: _page_withheld,
    e.PagingPlanned: _paging_planned,
    e.NoticeQueued: _notice_queued,
    e.DeliverySettled: _settled,
    e.ClockMoved: _clock_moved,
    e.ClockWarned: _clock_warned,
    e.ClockBreached: _clock_breached,
}
"""Event -> its sentence."""
