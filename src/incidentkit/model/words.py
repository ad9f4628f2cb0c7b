"""The closed sets: states, priorities, kinds. Open sets are checked names, never listed here.

All are StrEnum: they print as the word itself, hash in C and are stored as that word.
"""

from __future__ import annotations

from enum import StrEnum

UNKNOWN = "unknown"
"""A level nobody has stated yet; a priority drawn from it is provisional."""


class State(StrEnum):
    """The categories of an incident's life-cycle; hosts name statuses inside them."""

    NEW = "new"
    TRIAGED = "triaged"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    MITIGATED = "mitigated"
    OBSERVING = "observing"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


ACTIVE = frozenset(
    (
        State.NEW,
        State.TRIAGED,
        State.IN_PROGRESS,
        State.ON_HOLD,
        State.MITIGATED,
        State.OBSERVING,
    )
)
"""The states in which somebody still has to do something."""


class Response(StrEnum):
    """The response region: has anybody taken it on themselves?"""

    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    LAPSED = "lapsed"
    CLEARED = "cleared_unacknowledged"


class Priority(StrEnum):
    """The order of work: P1 critical, P2 high, P3 medium, P4 low, P5 planning."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"
    P5 = "P5"

    @property
    def label(self) -> str:
        """The word that ITIL practice puts beside the number."""
        return {"P1": "critical", "P2": "high", "P3": "medium", "P4": "low", "P5": "planning"}[self]


class Outcome(StrEnum):
    """What it turned out to be, apart from the state it is in."""

    ACTUAL = "actual"
    NEAR_MISS = "near_miss"
    FALSE_ALARM = "false_alarm"
    NO_FAULT_FOUND = "no_fault_found"
    EXERCISE = "exercise"


class CancelReason(StrEnum):
    """Why an incident ended without being resolved."""

    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    FALSE_ALARM = "false_alarm"
    REDIRECTED = "redirected"
    DECLINED = "declined"


class Moment(StrEnum):
    """The instants of an incident; each can be corrected by a new entry."""

    OCCURRED = "occurred"
    DETECTED = "detected"
    REPORTED = "reported"
    DECLARED = "declared"
    AWARE = "aware"
    ACKNOWLEDGED = "acknowledged"
    RESPONDED = "responded"
    CLASSIFIED = "classified"
    CAUSE_IDENTIFIED = "cause_identified"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    VERIFIED = "verified"
    CLOSED = "closed"


class AlertStatus(StrEnum):
    """Alerts fire and clear; they never resolve."""

    FIRING = "firing"
    CLEARED = "cleared"


class AlertSeverity(StrEnum):
    """How bad a source says it is, on one scale; `unknown` counts as error."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    UNKNOWN = "unknown"


class LinkKind(StrEnum):
    """Typed links between records; each has an inverse."""

    DUPLICATE_OF = "duplicate_of"
    DUPLICATED_BY = "duplicated_by"
    CAUSED_BY = "caused_by"
    CAUSES = "causes"
    RELATED = "related"
    SUCCESSOR_OF = "successor_of"
    SUCCEEDED_BY = "succeeded_by"
    BLOCKED_BY = "blocked_by"
    BLOCKS = "blocks"

    @property
    def inverse(self) -> LinkKind:
        """The same link seen from the other end."""
        return _INVERSES[self]


_INVERSES = {
    LinkKind.DUPLICATE_OF: LinkKind.DUPLICATED_BY,
    LinkKind.DUPLICATED_BY: LinkKind.DUPLICATE_OF,
    LinkKind.CAUSED_BY: LinkKind.CAUSES,
    LinkKind.CAUSES: LinkKind.CAUSED_BY,
    LinkKind.RELATED: LinkKind.RELATED,
    LinkKind.SUCCESSOR_OF: LinkKind.SUCCEEDED_BY,
    LinkKind.SUCCEEDED_BY: LinkKind.SUCCESSOR_OF,
    LinkKind.BLOCKED_BY: LinkKind.BLOCKS,
    LinkKind.BLOCKS: LinkKind.BLOCKED_BY,
}


class ClockState(StrEnum):
    """The life of a running target; warned and breached are flags beside it."""

    DORMANT = "dormant"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


class MessageKind(StrEnum):
    """The three kinds of outgoing message, each with its own suppression rule."""

    PAGE = "page"
    SYNC = "sync"
    NOTICE = "notice"


class DeliveryState(StrEnum):
    """What became of one message to one recipient on one channel."""

    QUEUED = "queued"
    SENT = "sent"
    RETRYING = "retrying"
    REFUSED = "refused"
    UNWANTED = "unwanted"


class ProblemState(StrEnum):
    """The life-cycle of a problem, apart from the incidents that it causes."""

    NEW = "new"
    ASSESSING = "assessing"
    ANALYSING = "analysing"
    FIXING = "fixing"
    VERIFYING = "verifying"
    RESOLVED = "resolved"
    CLOSED = "closed"
    RISK_ACCEPTED = "risk_accepted"
    DUPLICATE = "duplicate"
    CANCELLED = "cancelled"
