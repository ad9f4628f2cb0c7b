"""Messages kept in memory: what a test looks at, and a channel that fails when it is told to."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable

from incidentkit.channels.kinds import ALL_KINDS, check_kinds
from incidentkit.errors import InvalidValue
from incidentkit.model import checks
from incidentkit.model.delivery import Message, Refused, Retry, SendResult, Sent
from incidentkit.model.words import MessageKind


class MemoryChannel:
    """Keeps the last `limit` messages, and answers as it was told.

    >>> channel = MemoryChannel("sms")
    >>> channel.answer_next(Retry("busy"))
    >>> message = Message(
    ...     "k1", MessageKind.PAGE, "sms", "ana", "+49", "Disk full", "", "INC-1", "P1"
    ... )
    >>> print(channel.send(message), channel.send(message))
    Retry(why='busy', after=None) Sent(proof='k1')
    >>> len(channel.messages), len(channel.tries)
    (1, 2)
    """

    def __init__(
        self,
        name: str = "memory",
        kinds: Iterable[MessageKind | str] = ALL_KINDS,
        limit: int = 10_000,
    ) -> None:
        if limit < 1:
            raise InvalidValue("limit", f"is {limit}; keep at least one message")
        self.name: str = checks.check_name(name, "name")
        self.kinds: frozenset[MessageKind] = check_kinds(kinds)
        self._lock = threading.Lock()
        self._messages: deque[Message] = deque(maxlen=limit)
        self._tries: deque[Message] = deque(maxlen=limit)
        self._next: deque[SendResult | BaseException] = deque()
        self._always: SendResult | BaseException | None = None

    @property
    def messages(self) -> list[Message]:
        """What was taken (answered with Sent), oldest first; a copy."""
        with self._lock:
            return list(self._messages)

    @property
    def tries(self) -> list[Message]:
        """All that was handed over, whatever the answer, oldest first; a copy."""
        with self._lock:
            return list(self._tries)

    def answer_next(self, *answers: SendResult | BaseException) -> None:
        """Answer the next messages so, one each; an exception is raised."""
        checked = [_answer(each) for each in answers]
        with self._lock:
            self._next.extend(checked)

    def answer_always(self, answer: SendResult | BaseException | None) -> None:
        """Answer every message so, once those of `answer_next` are used up; None means Sent."""
        checked = None if answer is None else _answer(answer)
        with self._lock:
            self._always = checked

    def clear(self) -> None:
        """Forget all messages; what was told about answers stays."""
        with self._lock:
            self._messages.clear()
            self._tries.clear()

    def send(self, message: Message) -> SendResult:
        """Keep the message and answer as told, by default Sent with its key as proof."""
        with self._lock:
            self._tries.append(message)
            answer = self._next.popleft() if self._next else self._always
            if answer is None:
                answer = Sent(message.key)
            if isinstance(answer, Sent):
                self._messages.append(message)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def _answer(answer: object) -> SendResult | BaseException:
    if isinstance(answer, Sent | Retry | Refused | BaseException):
        return answer
    raise InvalidValue("answer", f"{answer!r} is neither Sent, Retry, Refused nor an exception")
