"""A review as JSON, for programs that publish or file it."""

from __future__ import annotations

import json
from datetime import datetime

import attrs

from incidentkit.views.review_parts import Review


def to_json(review: Review) -> str:
    """Every field of the review by its name; instants as ISO 8601 with their offset."""
    document = attrs.asdict(review, value_serializer=_plain)
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _plain(_: object, __: object, value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
