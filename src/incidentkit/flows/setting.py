"""What a flow is told before it starts: tenant, actor, the policy in force, the channels there are.

All of it is plain data fixed by the driver, so that the same setting and the same answers to the
same effects give the same commit.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, TypeVar

import attrs

from incidentkit.flows.effects import Commit
from incidentkit.ids import SYSTEM_ACTOR, TenantName
from incidentkit.model.journal import Event, Recorded
from incidentkit.model.reason import Reason
from incidentkit.model.words import MessageKind
from incidentkit.policy.document import Policy

T = TypeVar("T")


@attrs.frozen
class ChannelFace:
    """What a flow knows of a channel: its name and the kinds of message it takes."""

    name: str
    kinds: frozenset[MessageKind]


@attrs.frozen
class Setting:
    """The surroundings of one run of a flow.

    `actor` is who is calling; `by` is in whose name, usually the same. `adopted` is false while
    the tenant has adopted no policy: the first write then adopts the one in force.
    `guarded` is false where nobody needs to be asked: no authoriser is registered, and the policy
    neither judges nor writes down who reads. `hosted`: a host's authoriser is registered.
    `held`: this work stems from before a restore of the store, so that no message of it goes out;
    `restored_at`: when that was, for work that must find out by itself.
    `received_at`: when the request came in, where the store was away then.
    `numbered`: a host gives incidents numbers of its own.
    """

    tenant: TenantName
    actor: str
    by: str
    policy: Policy
    adopted: bool
    channels: tuple[ChannelFace, ...]
    guarded: bool = False
    request: str | None = None
    held: bool = False
    restored_at: datetime | None = None
    received_at: datetime | None = None
    hosted: bool = False
    numbered: bool = False

    def taking(self, kind: MessageKind) -> tuple[str, ...]:
        """The names of the channels that take a kind of message."""
        return tuple(face.name for face in self.channels if kind in face.kinds)

    @property
    def doer(self) -> str:
        """Who is written down as doing it: what a host passes on is its author's own doing."""
        return self.by if self.actor == SYSTEM_ACTOR else self.actor

    @property
    def on_behalf_of(self) -> str:
        """In whose name a person acts, where that is somebody else."""
        return self.by if self.by != self.doer else ""


@attrs.frozen
class Outcome(Generic[T]):
    """What a flow made true. `replayed`: an earlier call with this request id did it.

    On a replay `value` is what this run *would* have made; `result` is what the first call gave.
    """

    value: T
    at: datetime
    replayed: bool = False
    result: str = ""


def unchanged(commit: Commit) -> bool:
    """Whether a commit would write nothing at all."""
    return not (
        commit.changes
        or commit.touches
        or commit.tasks
        or commit.moves
        or commit.cancels
        or commit.keys
        or commit.settles
    )


def fingerprint(*parts: Any) -> str:
    """A digest of a request's content, to tell a repeat from a reused id."""
    from hashlib import blake2b

    text = "\x1f".join(repr(part) for part in parts)
    return blake2b(text.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()


def recorded(
    event: Event,
    setting: Setting,
    at: datetime,
    *,
    reason: Reason | None = None,
    by: str = "",
    cause: str = "",
) -> Recorded:
    """The event with who did it: whoever called, or a rule in the system's name."""
    behalf = "" if by else setting.on_behalf_of
    return Recorded(at, by or setting.doer, event, reason, behalf, cause)
