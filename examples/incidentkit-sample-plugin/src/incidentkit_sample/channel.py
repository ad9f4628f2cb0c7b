"""The channel `post`: each message as JSON to one address, and the answers that come back."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta

from incidentkit import (
    Answer,
    AnswerVerb,
    Message,
    MessageKind,
    Receipt,
    Refused,
    Rejected,
    Retry,
    Sent,
    SourceRequest,
)
from incidentkit.errors import IncidentKitError, InvalidValue

BUSY = frozenset((408, 425, 429))
"""Answers of 4xx that mean: later."""


class PostChannel:
    """Posts pages and notices to `url`.

    2xx is sent, 408, 425, 429, 5xx and no connection are tried again, every other answer is a
    refusal. The message's key goes along as `Idempotency-Key`, so that the receiver can let a
    second one go.
    """

    name = "post"
    kinds = frozenset({MessageKind.PAGE, MessageKind.NOTICE})

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        if not url.startswith(("http://", "https://")):
            raise InvalidValue("url", f"{url!r} is no web address")
        self.url = url
        self.timeout = timeout

    def send(self, message: Message) -> Sent | Retry | Refused:
        content = {
            "kind": message.kind,
            "to": message.to,
            "title": message.title,
            "text": message.text,
            "ref": message.ref,
            "priority": message.priority,
            "token": message.answer_token,
        }
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.key}
        request = urllib.request.Request(self.url, json.dumps(content).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                return Sent(proof=str(answer.headers.get("X-Message-Id", ""))[:200])
        except urllib.error.HTTPError as error:
            with error:
                if error.code in BUSY or error.code >= 500:
                    return Retry(f"HTTP {error.code}", _after(error.headers.get("Retry-After")))
                return Refused(f"HTTP {error.code}")
        except OSError as error:
            return Retry(f"no connection: {error}"[:500])

    def parse(self, request: SourceRequest) -> Iterator[Answer | Receipt | Rejected]:
        try:
            said = json.loads(request.body)
            token, key = str(said["token"]), str(said["id"])
            if said["type"] == "receipt":
                yield Receipt(token, bool(said["arrived"]), key=key)
            else:
                yield Answer(token, AnswerVerb(said["type"]), key, str(said.get("text", "")))
        except (ValueError, KeyError, TypeError, RecursionError, IncidentKitError) as error:
            yield Rejected("body", f"{type(error).__name__}: {error}"[:500])


def _after(header: str | None) -> timedelta | None:
    """How long to wait, where the receiver says it in seconds; at most an hour."""
    if header is None or not header.isascii() or not header.isdigit():
        return None
    return timedelta(seconds=min(int(header[:6]), 3600))
