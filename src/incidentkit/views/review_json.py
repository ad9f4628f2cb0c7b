"""A review as JSON data, for systems that keep reviews of their own."""

from __future__ import annotations

import json
from typing import Any

import attrs

from incidentkit.views.review_parts import ReviewPage


def to_data(page: ReviewPage) -> dict[str, Any]:
    """The page as plain JSON data: every field by its name, the timeline as objects."""
    data: dict[str, Any] = {
        field.name: getattr(page, field.name)
        for field in attrs.fields(ReviewPage)
        if field.name != "timeline"
    }
    data["timeline"] = [
        {"at": x.at.isoformat(), "by": x.by, "text": x.text, "seq": x.seq, "kind": x.kind}
        for x in page.timeline
    ]
    for name in ("facts", "remedy", "record", "sections"):
        data[name] = dict(data[name])
    return data


def to_json(page: ReviewPage) -> str:
    """The page as JSON text."""
    return json.dumps(to_data(page), ensure_ascii=False, indent=2) + "\n"
