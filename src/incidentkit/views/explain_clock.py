"""When something is due and why: the start, the term, the pauses and every due date it ever had."""

from __future__ import annotations

from collections.abc import Sequence

from incidentkit.model import incident_events as e
from incidentkit.model.clock import Clock
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.model.reason import Reason
from incidentkit.model.words import ClockState
from incidentkit.timing.instants import show_instant
from incidentkit.timing.intervals import Interval
from incidentkit.views.explanation import Explanation, found, listed, reasons, redacted, told
from incidentkit.views.text import near, plain, reason_of, span, words


def explain_clocks(
    incident: Incident, entries: Sequence[JournalEntry], topic: str, target: str | None = None
) -> Explanation:
    """All targets of an incident, or the one that is named."""
    clocks = tuple(x for x in incident.clocks if target is None or x.target == target)
    if not clocks:
        gone = redacted(entries, "clock_moved")
        what = "no target" if target is None else f"no target {plain(target)}"
        return Explanation(topic, f"{what} runs on {plain(incident.ref)}{gone}")
    answers: list[str] = []
    lines: list[str] = []
    decided: list[JournalEntry] = []
    for clock in clocks:
        moves = tuple(
            entry for entry, event in found(entries, e.ClockMoved)
            if event.clock.target == clock.target
        )  # fmt: skip
        rung = _rung(entries, clock.target)
        last = next((x for entry in reversed(moves) if (x := reason_of(entry))), None)
        answers.append(standing(clock, last))
        lines += _details(clock)
        lines += [told(entry) for entry in sorted((*moves, *rung), key=lambda entry: entry.seq)]
        decided += moves
    return Explanation(topic, "; ".join(answers), reasons(decided), tuple(lines))


def _rung(entries: Sequence[JournalEntry], target: str) -> tuple[JournalEntry, ...]:
    warned = (entry for entry, x in found(entries, e.ClockWarned) if x.target == target)
    missed = (entry for entry, x in found(entries, e.ClockBreached) if x.target == target)
    return (*warned, *missed)


def standing(clock: Clock, reason: Reason | None = None) -> str:
    """Where one target stands, in one sentence."""
    text = f"{plain(clock.target)} {_state(clock)}"
    within = "" if reason is None else listed(reason.inputs.get("within", ""))
    if clock.started_at is None or not within or reason is None:
        return text
    priority = listed(reason.inputs.get("priority", ""))
    return f"{text} ({within} from {show_instant(clock.started_at)} at {priority})"


def _state(clock: Clock) -> str:
    due = "" if clock.due_at is None else show_instant(clock.due_at)
    if clock.state is ClockState.DORMANT:
        return "has not begun: the candidate is not accepted yet"
    if clock.state is ClockState.CANCELLED:
        return "no longer applies"
    if clock.state is ClockState.STOPPED:
        return verdict(clock)
    if clock.state is ClockState.PAUSED:
        until = f", due {due} as it stands" if due else ", due when it goes on and its term has run"
        return f"is paused{until}"
    missed = f", missed (noticed {show_instant(clock.breached_at)})" if clock.breached_at else ""
    return f"is due {due or 'at no known time'}{missed}"


def verdict(clock: Clock) -> str:
    """Whether a target that ended was met: `met at ...`, or `missed by ...`."""
    if clock.stopped_at is None:
        return "has ended"
    at = show_instant(clock.stopped_at)
    if clock.due_at is None:
        return f"ended at {at} with nothing due"
    due = near(clock.due_at, clock.stopped_at)
    if clock.stopped_at <= clock.due_at:
        return f"was met at {at}, due {due}"
    return f"was missed by {span(clock.stopped_at - clock.due_at)}: ended at {at}, due {due}"


_GOES_ON = (ClockState.DORMANT, ClockState.RUNNING, ClockState.PAUSED)


def _details(clock: Clock) -> list[str]:
    said = [f"{plain(clock.target)}: {words(clock.state)}"]
    if clock.started_at is not None:
        said.append(f"from {show_instant(clock.started_at)}")
    said += [f"paused {_interval(pause)}" for pause in clock.pauses]
    if clock.warn_at is not None and clock.warned_at is None and clock.state in _GOES_ON:
        said.append(f"warns at {show_instant(clock.warn_at)}")
    if clock.warned_at is not None:
        said.append(f"warned at {show_instant(clock.warned_at)}")
    if clock.breached_at is not None:
        said.append(f"missed, noticed at {show_instant(clock.breached_at)}")
    lines = ["; ".join(said)]
    if len(clock.history) > 1:
        dates = ", ".join(show_instant(each) for each in clock.history)
        lines.append(f"{plain(clock.target)}: due dates so far: {dates}")
    return lines


def _interval(pause: Interval) -> str:
    if pause.end is None:
        return f"since {show_instant(pause.start)}"
    ran = span(pause.end - pause.start)
    return f"{show_instant(pause.start)} to {near(pause.end, pause.start)} ({ran})"
