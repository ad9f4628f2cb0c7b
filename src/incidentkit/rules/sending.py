"""When a message goes out: how long between two tries, when it is too late, when one is enough.

What a channel cannot take now is tried again, each wait twice the last up to a bound, spread by a
jitter that is drawn from the message and the try: a thousand messages that failed together do not
come back together, and the same try always waits equally long.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b

import attrs

from incidentkit.model.delivery import Delivery
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import MessageKind

EXPIRY = "delivery.expiry"
BUNDLE = "delivery.bundle"
HELD_UP = "delivery.circuit"
VERSION = 1
SEND, TOO_LATE, QUEUE, WITH_OTHERS, WAIT = "send", "too late", "queue", "bundle", "held up"
TOLD_AFTER = 2
"""After so many failed tries the record of a page hears that it has not gone out."""
SHORTEST_WAIT = timedelta(seconds=1)


@attrs.frozen
class DeliveryTerms:
    """What a host sets about sending.

    The wait before the second try is between half of `first_wait` and all of it, and doubles with
    each try up to `longest_wait`; a channel that names the wait itself gets it, but at most
    `longest_asked`. After `tries` tries a message is given up. A message that is older than what
    `expire_*_after` says for its kind is not sent any more (zero: never). Of pages about one
    incident to one person on one channel at most `pending_pages` wait at a time.
    """

    first_wait: timedelta = timedelta(seconds=15)
    longest_wait: timedelta = timedelta(minutes=15)
    longest_asked: timedelta = timedelta(hours=1)
    tries: int = 12
    expire_page_after: timedelta = timedelta(hours=2)
    expire_notice_after: timedelta = timedelta(days=1)
    expire_sync_after: timedelta = timedelta()
    pending_pages: int = 3

    @property
    def given_up_within(self) -> timedelta:
        """The longest time from the first try to the last, where the channel asks for no waits."""
        return sum((self.step(n) for n in range(1, self.tries)), timedelta())

    def step(self, tries: int) -> timedelta:
        """The longest wait after so many failed tries."""
        doubled: int = 2 ** (tries - 1)
        if doubled >= self.longest_wait / self.first_wait:
            return self.longest_wait
        return self.first_wait * doubled

    def expires_after(self, kind: MessageKind) -> timedelta:
        """How old a message of the kind may get; zero where it does not matter."""
        if kind is MessageKind.PAGE:
            return self.expire_page_after
        return self.expire_notice_after if kind is MessageKind.NOTICE else self.expire_sync_after


SENDING = DeliveryTerms()


def jitter(key: str, tries: int) -> float:
    """A number from 0 up to 1 that is the same for the same message and try."""
    digest = blake2b(f"{key}#{tries}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) / 2**32


def wait(key: str, tries: int, asked: timedelta | None, terms: DeliveryTerms) -> timedelta:
    """How long a message waits after so many failed tries; `asked` is the channel's own word."""
    if asked is not None:
        return max(SHORTEST_WAIT, min(asked, terms.longest_asked))
    return terms.step(tries) * (0.5 + jitter(key, tries) / 2)


def expired(delivery: Delivery, queued_at: datetime, at: datetime, terms: DeliveryTerms) -> Reason:
    """Is it too late for the message? The reason's outcome is `send` or `too late`.

    The policy's hash is added by whoever keeps the reason.
    """
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "kind": delivery.kind.value,
            "waited": int((at - queued_at).total_seconds()),
            "expires_after": int(terms.expires_after(delivery.kind).total_seconds()),
        }
    )
    return Reason(EXPIRY, VERSION, inputs, judge_expiry(inputs))


def judge_expiry(inputs: Mapping[str, Plain]) -> str:
    """`send` or `too late`, drawn from plain inputs; both times are seconds, and 0 is no bound."""
    waited, most = inputs["waited"], inputs["expires_after"]
    late = isinstance(waited, int) and isinstance(most, int) and 0 < most < waited
    return TOO_LATE if late else SEND


def bundled(waiting: int, to: str, channel: str, terms: DeliveryTerms, policy: str) -> Reason:
    """Does one more page wait beside those that do? The outcome is `queue` or `bundle`."""
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {"to": to, "channel": channel, "waiting": waiting, "most": terms.pending_pages}
    )
    return Reason(BUNDLE, VERSION, inputs, judge_bundle(inputs), policy)


def judge_bundle(inputs: Mapping[str, Plain]) -> str:
    """`queue` while fewer wait than may, else `bundle`: who is paged, hears of it by those."""
    waiting, most = inputs["waiting"], inputs["most"]
    full = isinstance(waiting, int) and isinstance(most, int) and waiting >= most
    return WITH_OTHERS if full else QUEUE


def held_up(channel: str, failures: int, most: int, policy: str) -> Reason:
    """Is the channel failing? The outcome is `send` or `held up`."""
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {"channel": channel, "failures": failures, "most": most}
    )
    return Reason(HELD_UP, VERSION, inputs, judge_channel(inputs), policy)


def judge_channel(inputs: Mapping[str, Plain]) -> str:
    """`held up` after as many failures in a row as close a channel, else `send`."""
    failures, most = inputs["failures"], inputs["most"]
    failing = isinstance(failures, int) and isinstance(most, int) and failures >= most
    return WAIT if failing else SEND
