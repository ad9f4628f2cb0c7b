"""Messages on a terminal: the channel that is there when nothing else is."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from typing import TextIO

from incidentkit.channels.kinds import ALL_KINDS, check_kinds
from incidentkit.channels.plain import encodable, shown
from incidentkit.model import checks
from incidentkit.model.delivery import Message, Sent
from incidentkit.model.words import MessageKind


class ConsoleChannel:
    """Prints each message as one block of plain text.

    Without a stream it prints on whatever `sys.stdout` is at that moment. The answer token is not
    shown: a terminal is read by more people than the recipient.

    >>> channel = ConsoleChannel()
    >>> result = channel.send(
    ...     Message(
    ...         "k1",
    ...         MessageKind.PAGE,
    ...         "console",
    ...         "ana",
    ...         "ana",
    ...         "Disk full",
    ...         "On db-1.",
    ...         "INC-1",
    ...         "P1",
    ...     )
    ... )
    PAGE P1 INC-1 to ana: Disk full
        On db-1.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        name: str = "console",
        kinds: Iterable[MessageKind | str] = ALL_KINDS,
    ) -> None:
        self.name: str = checks.check_name(name, "name")
        self.kinds: frozenset[MessageKind] = check_kinds(kinds)
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, message: Message) -> Sent:
        """Print the message and flush the stream."""
        stream = sys.stdout if self._stream is None else self._stream
        text = encodable(block(message), getattr(stream, "encoding", None))
        with self._lock:
            stream.write(text)
            stream.flush()
        return Sent(message.key)


def block(message: Message) -> str:
    """The message as lines for people: who is called to what, then the text, indented."""
    head = [message.kind.upper(), message.priority, message.ref, "to", message.party]
    if message.to != message.party:
        head.append(f"<{message.to}>")
    first = " ".join(shown(part) for part in head if part)
    lines = [f"{first}: {shown(message.title)}"]
    if message.text and message.text != message.title:
        body = shown(message.text, lines=True)
        lines += [f"    {line}" if line else "" for line in body.rstrip("\n").split("\n")]
    return "\n".join(lines) + "\n"
