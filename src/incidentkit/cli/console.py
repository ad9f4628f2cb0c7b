"""Working the queue from a terminal: what is sent is printed, what cannot be sent is not tried."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from incidentkit.channels.console import block
from incidentkit.cli.page import Page
from incidentkit.desk.desk import Desk
from incidentkit.flows.paged import CONSOLE
from incidentkit.model.delivery import Delivery, Message, Sent
from incidentkit.model.words import MessageKind
from incidentkit.plugins.hookspecs import hookimpl
from incidentkit.plugins.observations import WorkerBeat
from incidentkit.ports.rows import TaskQuery, TaskState

MESSAGES = "message"
"""The queue of outgoing messages."""
AT_ONCE = 1_000


class Console:
    """The channel `console`: it keeps what it was handed, and prints it where there is a page."""

    name = CONSOLE
    kinds: frozenset[MessageKind] = frozenset(MessageKind)

    def __init__(self, page: Page | None) -> None:
        self.page = page
        self.sent: list[Message] = []

    def send(self, message: Message) -> Sent:
        """Print the message."""
        self.sent.append(message)
        if self.page is not None:
            self.page.block(block(message), indent=2)
        return Sent(message.key)


class Watcher:
    """Observes what a worker did."""

    def __init__(self) -> None:
        self.done: int = 0
        self.deliveries: list[Delivery] = []

    @hookimpl
    def incidentkit_on_beat(self, beat: WorkerBeat) -> None:
        """Count the tasks."""
        self.done += beat.done

    @hookimpl
    def incidentkit_on_delivery(self, delivery: Delivery) -> None:
        """Keep what became of a message, on whatever channel."""
        self.deliveries.append(delivery)


@attrs.frozen
class Work:
    """What working the queue once led to. `held` counts messages by channel that nobody brings."""

    done: int
    deliveries: tuple[Delivery, ...]
    next_at: datetime | None
    held: dict[str, int]
    elsewhere: tuple[str, ...] = ()

    @property
    def refused(self) -> str:
        """Why nothing was done, or nothing."""
        if self.held:
            return held_words(self.held)
        return elsewhere_words(self.elsewhere) if self.elsewhere else ""


def work(desk: Desk, watcher: Watcher, *, anyway: bool = False) -> Work:
    """Do what is due, unless messages wait for channels that this process does not have.

    They stay for a worker that has them; what is newly paged here would only be printed. So it is
    left alone as well where pages went out otherwise and only the console takes them here.
    """
    held = {} if anyway else waiting_elsewhere(desk)
    elsewhere = () if anyway or held or not only_prints(desk) else desk.paged_elsewhere()
    next_at = None if held or elsewhere else desk.run_due()
    return Work(watcher.done, tuple(watcher.deliveries), next_at, held, elsewhere)


def only_prints(desk: Desk) -> bool:
    """Whether nothing but the console takes pages in this process."""
    channels: Any = desk.ports.plugins.channels
    return not any(
        MessageKind.PAGE in channel.kinds for name, channel in channels.items() if name != CONSOLE
    )


def waiting_elsewhere(desk: Desk) -> dict[str, int]:
    """How many messages wait for each channel that is not known here."""
    known: Any = desk.ports.plugins.channels
    held: dict[str, int] = {}
    after = ""
    while True:
        found = desk.tasks(TaskQuery(queue=MESSAGES, after=after, limit=AT_ONCE))
        for each in found:
            channel = each.task.channel
            if each.state is not TaskState.PARKED and channel not in known:
                held[channel] = held.get(channel, 0) + 1
        if len(found) < AT_ONCE:
            return held
        after = found[-1].task.id


def held_words(held: dict[str, int]) -> str:
    """Why the queue was not worked."""
    said = ", ".join(f"{count} for {channel!r}" for channel, count in sorted(held.items()))
    return (
        f"nothing was sent: messages wait for channels that are not installed here ({said}); "
        "work the queue where they are, or do the rest here with `work --anyway`"
    )


def elsewhere_words(elsewhere: tuple[str, ...]) -> str:
    """Why no timer was rung here."""
    return (
        f"nothing was done: pages of this store went out by {', '.join(elsewhere)}, and here is "
        "only the console, where nobody may hear them; work the queue where those channels are, "
        "or have pages printed here with `work --anyway`"
    )
