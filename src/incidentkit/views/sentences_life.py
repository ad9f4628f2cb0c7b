"""One sentence for each event of an incident's life-cycle and of its people.

A sentence says what happened and no more; why a rule decided so is told by `explain`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from incidentkit.model import incident_events as e
from incidentkit.model.journal import Event
from incidentkit.model.words import LinkKind, Moment, Outcome
from incidentkit.views.overriding import overriding
from incidentkit.views.text import Teller, followed, listing, name, plain, quoted, words

Sentence: TypeAlias = Callable[[Any, Teller], str]


def _declared(v: e.Declared, t: Teller) -> str:
    what = "opened the candidate" if v.candidate else "declared"
    service = f" on {name(v.card.service)}" if v.card.service else ""
    return f"{t.who} {what} {plain(v.ref)} {quoted(v.card.title)}{service}"


def _rated(v: e.Rated, t: Teller) -> str:
    severity = f", severity {plain(v.severity)}" if v.severity else ""
    return f"{t.who} rated it: impact {plain(v.impact)}, urgency {plain(v.urgency)}{severity}"


def _prioritised(v: e.Prioritised, t: Teller) -> str:
    was = f" (was {v.was})" if v.was is not None and v.was is not v.priority else ""
    if v.by_hand:
        why = f": {plain(v.why)}" if v.why else ""
        return f"{t.who} set the priority to {v.priority} by hand{was}{why}"
    reason = t.recorded.reason
    levels = ""
    if reason is not None and {"impact", "urgency"} <= set(reason.inputs):
        levels = f": impact {reason.inputs['impact']} x urgency {reason.inputs['urgency']}"
        levels += "".join(f", {x.priority} by {quoted(x.name)}" for x in overriding(reason))
    provisional = ", provisional" if v.provisional else ""
    return f"the priority is {v.priority}{was}{provisional}{plain(levels)}"


def _questioned(v: e.PriorityQuestioned, _: Teller) -> str:
    if v.why:
        return f"the priority {v.priority} is in question: {plain(v.why)}"
    return (
        f"the priority {v.priority} set by hand is in question: "
        f"as it is rated now it would be {v.drawn}"
    )


def _returned(v: e.PriorityReturned, t: Teller) -> str:
    return f"{t.who} gave the priority, {v.priority} by hand, back to the rules: {plain(v.why)}"


def _accepted(_: e.Accepted, t: Teller) -> str:
    return f"{t.who} accepted it as an incident"


def _triaged(_: e.Triaged, t: Teller) -> str:
    return f"{t.who} triaged it"


def _started(_: e.Started, t: Teller) -> str:
    return f"{t.who} started work"


def _held(v: e.Held, t: Teller) -> str:
    return f"{t.who} put it on hold: {plain(v.reason)}, waiting for {name(v.court)}"


def _resumed(v: e.Resumed, t: Teller) -> str:
    return f"{t.who} resumed it: {words(v.to)} again"


def _mitigated(v: e.Mitigated, t: Teller) -> str:
    since = "" if v.restored_at == t.at else f" at {t.near(v.restored_at)}"
    return f"{t.who} mitigated it: service restored{since}"


def _observing(v: e.ObservationBegun, t: Teller) -> str:
    until = f" until {t.near(v.until)}" if v.until is not None else ""
    return followed(f"{t.who} began to observe it{until}", v.condition)


def _regressed(v: e.Regressed, t: Teller) -> str:
    return followed(f"{t.who} took it back into work, the fix did not hold", v.reason)


def _resolved(v: e.Resolved, t: Teller) -> str:
    restored = "" if v.restored_at == t.at else f"; restored at {t.near(v.restored_at)}"
    outcome = "" if v.outcome is Outcome.ACTUAL else f"; outcome {words(v.outcome)}"
    despite = f"; despite open ends: {plain(v.override)}" if v.override else ""
    told = followed(f"{t.who} resolved it ({plain(v.code)})", v.remedy)
    return f"{told}{restored}{outcome}{despite}"


def _closed(_: e.Closed, t: Teller) -> str:
    return f"{t.who} closed it"


def _reopened(v: e.Reopened, t: Teller) -> str:
    return followed(f"{t.who} reopened it", v.reason)


def _cancelled(v: e.Cancelled, t: Teller) -> str:
    target = f", {plain(v.target)}" if v.target else ""
    return followed(f"{t.who} cancelled it ({words(v.reason)}{target})", v.why)


def _acknowledged(v: e.Acknowledged, t: Teller) -> str:
    holder = "" if t.is_actor(v.holder) else f" for {name(v.holder)}"
    return f"{t.who} acknowledged{holder} (until {t.near(v.until)})"


def _lapsed(v: e.LeaseLapsed, _: Teller) -> str:
    return f"the acknowledgement of {name(v.holder)} lapsed: nothing was done meanwhile"


def _cleared(_: e.ResponseCleared, __: Teller) -> str:
    return "all alerts cleared before anybody acknowledged: paging pauses"


def _refired(_: e.ResponseRefired, __: Teller) -> str:
    return "an alert fired again before anybody acknowledged: paging goes on"


def _was(was: str | None) -> str:
    return f" (was {name(was)})" if was else ""


def _assigned(v: e.Assigned, t: Teller) -> str:
    if v.assignee is None:
        return f"{t.who} left it unassigned{_was(v.was)}"
    if t.is_actor(v.assignee):
        return f"{t.who} took it on{_was(v.was)}"
    return f"{t.who} assigned {name(v.assignee)}{_was(v.was)}"


def _owner(v: e.OwnerChanged, t: Teller) -> str:
    return f"{t.who} made {name(v.owner)} the owner{_was(v.was)}"


def _team(v: e.TeamChanged, t: Teller) -> str:
    return f"{t.who} handed it to the team {name(v.team)}{_was(v.was)}"


def _watchers(v: e.WatchersChanged, t: Teller) -> str:
    if len(v.added) == 1 and not v.removed and t.is_actor(v.added[0]):
        return f"{t.who} watches it"
    if len(v.removed) == 1 and not v.added and t.is_actor(v.removed[0]):
        return f"{t.who} no longer watches it"
    more = tuple(f"{name(x)} watches it" for x in v.added)
    fewer = tuple(f"{name(x)} no longer watches it" for x in v.removed)
    return f"{t.who}: {listing((*more, *fewer))}"


def _status(v: e.StatusStated, t: Teller) -> str:
    if not v.status:
        return f"the status {quoted(v.was)} applies no more"
    was = f" (was {plain(v.was)})" if v.was else ""
    return f"{t.who} set the status {quoted(v.status)}{was}"


def _role_taken(v: e.RoleTaken, t: Teller) -> str:
    if v.acting:
        return f"{name(v.holder)}, the first to acknowledge, is acting {plain(v.role)}"
    if t.is_actor(v.holder):
        return f"{t.who} took the role {plain(v.role)}{_was(v.was)}"
    return f"{t.who} gave the role {plain(v.role)} to {name(v.holder)}{_was(v.was)}"


def _role_left(v: e.RoleLeft, t: Teller) -> str:
    if t.is_actor(v.holder):
        return f"{t.who} laid down the role {plain(v.role)}"
    return f"{t.who} ended the role {plain(v.role)} of {name(v.holder)}"


def _edited(v: e.Edited, t: Teller) -> str:
    said = listing(
        (
            f"title {quoted(v.title)}" if v.title is not None else "",
            f"summary {quoted(v.summary)}" if v.summary is not None else "",
            f"service {name(v.service)}" if v.service is not None else "",
            f"labels {_labels(v.labels)}" if v.labels is not None else "",
            f"category {plain(v.category)}" if v.category is not None else "",
        )
    )
    return f"{t.who} edited {said or 'nothing'}"


def _labels(labels: dict[str, str]) -> str:
    return plain(listing(tuple(f"{key}={value}" for key, value in labels.items()))) or "none"


_WHEN = {
    Moment.AWARE: "when somebody was aware of it",
    Moment.CAUSE_IDENTIFIED: "when its cause was identified",
}
"""The instants that are not simply when "it was" something."""


def _corrected(v: e.MomentCorrected, t: Teller) -> str:
    when = _WHEN.get(v.moment, f"when it was {words(v.moment)}")
    if v.was is None:
        return followed(f"{t.who} set {when} to {t.near(v.now)}", v.why)
    return followed(f"{t.who} corrected {when} to {t.near(v.now)} (was {t.near(v.was)})", v.why)


def tie(kind: LinkKind, ref: str) -> str:
    """A link in words: `caused by PRB-1`."""
    return f"{words(kind)} {'to ' if kind is LinkKind.RELATED else ''}{plain(ref)}"


def _linked(v: e.Linked, t: Teller) -> str:
    return f"{t.who} linked it: {tie(v.kind, v.ref)}"


def _unlinked(v: e.Unlinked, t: Teller) -> str:
    return f"{t.who} unlinked it: no longer {tie(v.kind, v.ref)}"


LIFE: dict[type[Event], Sentence] = {
    e.Declared: _declared,
    e.Rated: _rated,
    e.Prioritised: _prioritised,
    e.PriorityQuestioned: _questioned,
    e.PriorityReturned: _returned,
    e.Accepted: _accepted,
    e.Triaged: _triaged,
    e.Started: _started,
    e.Held: _held,
    e.Resumed: _resumed,
    e.Mitigated: _mitigated,
    e.ObservationBegun: _observing,
    e.Regressed: _regressed,
    e.Resolved: _resolved,
    e.Closed: _closed,
    e.Reopened: _reopened,
    e.Cancelled: _cancelled,
    e.Acknowledged: _acknowledged,
    e.LeaseLapsed: _lapsed,
    e.ResponseCleared: _cleared,
    e.ResponseRefired: _refired,
    e.Assigned: _assigned,
    e.OwnerChanged: _owner,
    e.TeamChanged: _team,
    e.WatchersChanged: _watchers,
    e.StatusStated: _status,
    e.RoleTaken: _role_taken,
    e.RoleLeft: _role_left,
    e.Edited: _edited,
    e.MomentCorrected: _corrected,
    e.Linked: _linked,
    e.Unlinked: _unlinked,
}
"""Event -> its sentence."""
