"""Signs of life: a heartbeat that falls silent becomes an alert, and one that returns clears it."""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.flows.alerts import take_alerts
from incidentkit.flows.draft import PRIORITY_OF_TIMERS, TIMER, Workbook
from incidentkit.flows.effects import Flow, Load, NewId, Owners
from incidentkit.flows.kinds import HEARTBEAT
from incidentkit.flows.setting import recorded
from incidentkit.ids import TaskId
from incidentkit.model.alert import BeatMissed, BeatStarted, Heartbeat
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import Alert, Beat
from incidentkit.model.signature import beat_signature
from incidentkit.model.words import AlertSeverity, AlertStatus
from incidentkit.ports.rows import KeyChange, Task, Touch
from incidentkit.timing.instants import to_micros

SYSTEM = "system"


def take_beats(book: Workbook, beats: Sequence[Beat], capture: str) -> Flow[None]:
    """Count every sign of life; only a first one, a changed one, or one after silence is news."""
    last = {f"{beat.source}\x1f{beat.key}": beat for beat in beats}
    if not last:
        return
    owners = yield from Owners("beat", tuple(last))
    ids = tuple(owner for owner in owners if owner is not None)
    loaded = (yield from Load(HEARTBEAT, ids)) if ids else ()
    before = {record.id: record for record in loaded if record is not None}
    back: list[Alert] = []
    for (key, beat), owner in zip(last.items(), owners, strict=True):
        record = before.get(owner) if owner is not None else None
        if record is not None and record.beat == beat and not record.silent:
            now = to_micros(book.received_at)
            touch = Touch("heartbeat", record.id, beat_signature(beat), 1, now)
            book.touches.append(touch)
            continue
        if owner is None:
            owner = yield from NewId()
            book.keys.append(KeyChange("beat", key, None, owner))
        version = 1 if record is None else record.version + 1
        entry = recorded(BeatStarted(beat), book.setting, book.at)
        book.write(HEARTBEAT, Heartbeat(owner, version, beat, book.received_at), (entry,))
        book.tasks.append(_timer(owner, to_micros(book.received_at + beat.every)))
        if record is not None and record.silent:
            back.append(_alert(beat, AlertStatus.CLEARED))
    if back:
        _ = yield from take_alerts(book, back, capture)


def _timer(heartbeat: str, due: int) -> Task:
    task = TaskId(f"wake:heartbeat/{heartbeat}")
    return Task(task, TIMER, task, 0, PRIORITY_OF_TIMERS, due, "", f"heartbeat/{heartbeat}")


def _alert(beat: Beat, status: AlertStatus) -> Alert:
    return Alert(
        beat.source,
        f"heartbeat/{beat.key}",
        status,
        f"No sign of life from {beat.key}",
        AlertSeverity.ERROR,
        "error",
        beat.service,
        "",
        FrozenMap({"heartbeat": beat.key}),
        FrozenMap(),
    )


def fall_silent(book: Workbook, heartbeat: Heartbeat) -> Flow[None]:
    """The period passed without a sign of life: say so, and raise an alert."""
    entry = recorded(BeatMissed(), book.setting, book.at, by=SYSTEM)
    silent = Heartbeat(heartbeat.id, heartbeat.version + 1, heartbeat.beat, heartbeat.last_at, True)
    book.write(HEARTBEAT, silent, (entry,))
    _ = yield from take_alerts(book, [_alert(heartbeat.beat, AlertStatus.FIRING)], "")
