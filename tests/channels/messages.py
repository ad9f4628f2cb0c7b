"""A message to send."""

from __future__ import annotations

from typing import Any

from incidentkit.model.delivery import Message
from incidentkit.model.words import MessageKind


def message(key: str = "k1", **changes: Any) -> Message:
    fields: dict[str, Any] = {
        "key": key,
        "kind": MessageKind.PAGE,
        "channel": "sms",
        "party": "ana",
        "to": "+49 30 1",
        "title": "Checkout answers 502",
        "text": "14 of 20 requests fail.",
        "ref": "INC-1",
        "priority": "P1",
        "answer_token": "hush",
    }
    return Message(**{**fields, **changes})
