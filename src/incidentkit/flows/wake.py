"""A timer rings: look at the record again, and conclude whatever has become due.

A timer says only which record. Early, late, doubled or pointless, it does no harm: everything is
decided from the record as it stands, in the commit that also settles the timer.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.flows.advance import settle
from incidentkit.flows.beats import fall_silent
from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Flow, Load, Now
from incidentkit.flows.kinds import HEARTBEAT
from incidentkit.flows.records import happen
from incidentkit.flows.setting import Outcome, Setting
from incidentkit.ports.rows import Again, ClaimedTask, Done, Settle
from incidentkit.rules.wake import wakes_at
from incidentkit.timing.instants import to_micros


def wake(setting: Setting, claimed: ClaimedTask) -> Flow[Outcome[None]]:
    """Conclude what is due on the record that the timer names, and settle the timer."""
    at = yield from Now()
    book = Workbook(setting, at)
    kind, _, id_ = claimed.task.body.partition("/")
    if kind == "incident":
        next_at = yield from _incident(book, id_)
    elif kind == "heartbeat":
        next_at = yield from _heartbeat(book, id_)
    elif kind == "review":
        from incidentkit.flows.reviews import woken

        next_at = yield from woken(book, id_)
    else:
        next_at = yield from _record(book, kind, id_)
    outcome = Done() if next_at is None else Again(to_micros(next_at), "")
    book.settles.append(Settle(claimed.task.id, claimed.token, outcome))
    _ = yield from book.commit(woken=claimed.task.body)
    return Outcome(None, at)


def _incident(book: Workbook, id_: str) -> Flow[datetime | None]:
    draft = yield from book.incident(id_)
    if draft is None:
        return None
    _restrain(book, wakes_at(draft.incident))
    yield from settle(book, draft)
    return wakes_at(draft.incident)


def _record(book: Workbook, kind: str, id_: str) -> Flow[datetime | None]:
    draft = yield from book.record(kind, id_)
    if draft is None:
        return None
    _restrain(book, draft.wakes_at())
    if kind == "problem":
        from incidentkit.flows.problem_wake import look_again

        yield from look_again(book, draft)
    elif kind in ("maintenance", "silence"):
        from incidentkit.flows import releasing

        yield from (
            releasing.silence_woken(book, draft)
            if kind == "silence"
            else releasing.maintenance_woken(book, draft)
        )
    else:
        happen(book, draft, draft.of.wake(draft.value, book.at), by="system")
    return draft.wakes_at()


def _heartbeat(book: Workbook, id_: str) -> Flow[datetime | None]:
    (heartbeat,) = yield from Load(HEARTBEAT, (id_,))
    if heartbeat is None or heartbeat.silent:
        return None
    due = heartbeat.last_at + heartbeat.beat.every
    if due > book.at:
        return due
    _restrain(book, due)
    yield from fall_silent(book, heartbeat)
    return None


def _restrain(book: Workbook, due: datetime | None) -> None:
    """What was due before the store was restored may have been told: no message of it goes out."""
    restored = book.setting.restored_at
    if restored is not None and due is not None and due <= restored:
        book.setting = attrs.evolve(book.setting, held=True)
