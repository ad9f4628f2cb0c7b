"""What a channel says of a message, without what the message says.

Errors of senders like to repeat what they were handed. Such words end in logs, in audits, in lists
of what was set aside, and before people who may not see the incident that the message is about.
"""

from __future__ import annotations

import re

import attrs

from incidentkit.model.delivery import Message, Refused, Retry, SendResult

WITHHELD = "[withheld]"
_LEAST = 4
"""Words shorter than this are everybody's."""


def said_by(message: Message) -> tuple[str, ...]:
    """What a message says, the longest first: its text, each line of it, and its title."""
    import json  # only where something failed

    words = (message.text, *message.text.splitlines(), message.title)
    long = [x.strip() for x in words if len(x.strip()) >= _LEAST]
    every = {form for x in long for form in (x, json.dumps(x)[1:-1], repr(x)[1:-1])}
    return tuple(sorted(every, key=len, reverse=True))


def quieted(text: str, words: tuple[str, ...]) -> str:
    """The text with each of the words withheld."""
    if not any(x in text for x in words):
        return text
    pattern = "|".join(rf"(?<!\w){re.escape(x)}(?!\w)" for x in words)
    return re.sub(pattern, WITHHELD, text)


def quiet(said: SendResult, message: Message) -> SendResult:
    """The answer of a channel without what the message says."""
    if not isinstance(said, Retry | Refused):
        return said
    why = quieted(said.why, said_by(message))[:1000]
    return said if why == said.why else attrs.evolve(said, why=why)
