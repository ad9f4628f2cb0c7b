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
    MERGED = "merged"


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
    """Typed links between records; each has an inverse, and some are their own."""

    CHILD_OF = "child_of"
    PARENT_OF = "parent_of"
    DUPLICATE_OF = "duplicate_of"
    DUPLICATED_BY = "duplicated_by"
    MERGED_INTO = "merged_into"
    MERGED_FROM = "merged_from"
    SPLIT_FROM = "split_from"
    SPLIT_INTO = "split_into"
    CAUSED_BY = "caused_by"
    CAUSES = "causes"
    CAUSED_BY_CHANGE = "caused_by_change"
    CHANGE_CAUSED = "change_caused"
    RESOLVED_BY_CHANGE = "resolved_by_change"
    CHANGE_RESOLVED = "change_resolved"
    RELATED = "related"
    SAME_EVENT_AS = "same_event_as"
    SUCCESSOR_OF = "successor_of"
    SUCCEEDED_BY = "succeeded_by"
    RECURRENCE_OF = "recurrence_of"
    RECURRED_AS = "recurred_as"
    WORKAROUND_FROM = "workaround_from"
    WORKAROUND_FOR = "workaround_for"
    BLOCKED_BY = "blocked_by"
    BLOCKS = "blocks"
    REVIEWED_IN = "reviewed_in"
    REVIEWS = "reviews"

    @property
    def inverse(self) -> LinkKind:
        """The same link seen from the other end."""
        return _INVERSES[self]


_PAIRS = (
    (LinkKind.CHILD_OF, LinkKind.PARENT_OF),
    (LinkKind.DUPLICATE_OF, LinkKind.DUPLICATED_BY),
    (LinkKind.MERGED_INTO, LinkKind.MERGED_FROM),
    (LinkKind.SPLIT_FROM, LinkKind.SPLIT_INTO),
    (LinkKind.CAUSED_BY, LinkKind.CAUSES),
    (LinkKind.CAUSED_BY_CHANGE, LinkKind.CHANGE_CAUSED),
    (LinkKind.RESOLVED_BY_CHANGE, LinkKind.CHANGE_RESOLVED),
    (LinkKind.RELATED, LinkKind.RELATED),
    (LinkKind.SAME_EVENT_AS, LinkKind.SAME_EVENT_AS),
    (LinkKind.SUCCESSOR_OF, LinkKind.SUCCEEDED_BY),
    (LinkKind.RECURRENCE_OF, LinkKind.RECURRED_AS),
    (LinkKind.WORKAROUND_FROM, LinkKind.WORKAROUND_FOR),
    (LinkKind.BLOCKED_BY, LinkKind.BLOCKS),
    (LinkKind.REVIEWED_IN, LinkKind.REVIEWS),
)
_INVERSES = {**dict(_PAIRS), **{far: near for near, far in _PAIRS}}


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
    DELAYED = "delayed"
    EXPIRED = "expired"
    HELD = "held"
    SHADOWED = "shadowed"
    DRAFTED = "drafted"


UNSENT = (DeliveryState.QUEUED, DeliveryState.RETRYING, DeliveryState.DELAYED)
"""States of a message that may still go out."""


class Mode(StrEnum):
    """How far the library acts on a ticket of the host.

    Not at all; it computes and explains everything and sends nothing; what it would send are
    drafts that a person lets go; or it acts.
    """

    NONE = "none"
    SHADOW = "shadow"
    ADVISE = "advise"
    ENFORCE = "enforce"


class MajorState(StrEnum):
    """The overlay of a major incident; a priority never says it."""

    NONE = "none"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    STOOD_DOWN = "stood_down"
    DEMOTED = "demoted"


class PublicState(StrEnum):
    """What the public was told of where it stands, as status pages say it."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


class HandoverState(StrEnum):
    """The way of a role from one holder to the next."""

    OFFERED = "offered"
    BRIEFED = "briefed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class IncidentTaskState(StrEnum):
    """The life-cycle of one task of an incident."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CANCELLED = "cancelled"


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


class ProblemMoment(StrEnum):
    """The instants of a problem; each can be corrected by a new entry."""

    RAISED = "raised"
    CAUSE_IDENTIFIED = "cause_identified"
    WORKAROUND_FOUND = "workaround_found"
    FIX_BEGUN = "fix_begun"
    FIXED = "fixed"
    VERIFIED = "verified"
    RESOLVED = "resolved"
    CLOSED = "closed"


class KnownErrorState(StrEnum):
    """Whether a known error is offered to those who meet its symptoms."""

    PUBLISHED = "published"
    RETIRED = "retired"


class MaintenanceState(StrEnum):
    """The life-cycle of planned work."""

    PLANNED = "planned"
    APPROVED = "approved"
    ANNOUNCED = "announced"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"
    ROLLED_BACK = "rolled_back"
    CANCELLED = "cancelled"


class SilenceState(StrEnum):
    """The life of a silence."""

    ACTIVE = "active"
    ENDED = "ended"
