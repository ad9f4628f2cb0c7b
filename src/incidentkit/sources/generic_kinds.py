"""The signals that are no alerts, in the own shape: report, change, beat, answer, receipt.

Each maker takes the fields it knows out of the object; what is left was not understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from incidentkit.errors import InvalidValue
from incidentkit.model.checks import check_text
from incidentkit.model.signals import (
    Answer,
    AnswerVerb,
    Beat,
    Change,
    Receipt,
    Report,
    Signal,
)
from incidentkit.sources import texts
from incidentkit.sources.documents import Fields, is_list, is_object
from incidentkit.timing.instants import parse_instant
from incidentkit.timing.terms import parse_span

_TERM = re.compile(r"[0-9smhdw]{1,32}")
_LONGEST = timedelta(days=366)


def _take(fields: Fields, name: str) -> str:
    """The field as text, empty where there is none."""
    value = fields.pop(name, None)
    if value is None:
        return ""
    if is_object(value) or is_list(value):
        raise InvalidValue(name, f"must be a text, not {type(value).__name__}")
    return check_text(texts.as_text(value), name)


def _need(fields: Fields, name: str) -> str:
    """The field as text, or InvalidValue where there is none."""
    found = _take(fields, name)
    if not found.strip():
        raise InvalidValue(name, "is missing")
    return found


def _report(_: str, fields: Fields) -> Signal:
    return Report(
        title=_need(fields, "title"),
        reporter=_need(fields, "reporter").strip(),
        text=_take(fields, "text"),
        on_behalf_of=_take(fields, "on_behalf_of").strip() or None,
        service=_take(fields, "service").strip() or None,
        location=_take(fields, "location").strip() or None,
        contact=_take(fields, "contact"),
        incident=_take(fields, "incident").strip() or None,
        key=_take(fields, "key"),
        category=_take(fields, "category").strip(),
    )


def _answer(_: str, fields: Fields) -> Signal:
    token, verb = _need(fields, "token"), _need(fields, "verb").strip().lower()
    if verb not in frozenset(AnswerVerb):
        raise InvalidValue("verb", f"{verb[:40]!r} is not one of {', '.join(AnswerVerb)}")
    return Answer(token, AnswerVerb(verb), _take(fields, "key"), _take(fields, "text"))


def _receipt(_: str, fields: Fields) -> Signal:
    token, delivered = _need(fields, "token"), fields.pop("delivered", None)
    if not isinstance(delivered, bool):
        raise InvalidValue("delivered", "must be true or false")
    return Receipt(token, delivered, _take(fields, "detail"), _take(fields, "key"))


def _change(source: str, fields: Fields) -> Signal:
    title, sent, key = _need(fields, "title"), _need(fields, "at"), _take(fields, "key")
    at = parse_instant(sent, "at")
    by, service, url = (_take(fields, name) for name in ("by", "service", "url"))
    labels = texts.texts(fields.pop("labels", None), "labels")
    labels = texts.merged(labels, fields, "change")
    fields.clear()
    return Change(
        source=source,
        key=texts.key_of(key) if key.strip() else texts.digest((title, sent)),
        title=title,
        at=at,
        by=by,
        service=service.strip() or None,
        url=url,
        labels=labels,
    )


def _beat(source: str, fields: Fields) -> Signal:
    key, every = _need(fields, "key").strip(), fields.pop("every", None)
    span: timedelta | None = None
    if isinstance(every, str) and _TERM.fullmatch(every.strip()):
        span = parse_span(every.strip(), "every")
    elif isinstance(every, int | float) and not isinstance(every, bool):
        seconds = min(max(every, 0), 2 * _LONGEST.total_seconds())
        span = timedelta(seconds=seconds)
    if span is None or not timedelta() < span <= _LONGEST:
        raise InvalidValue("every", "must be seconds, or a term such as '5m', of at most a year")
    service = _take(fields, "service").strip() or None
    return Beat(source, texts.key_of(key), span, service)


KINDS: dict[str, Callable[[str, Fields], Signal]] = {
    "report": _report,
    "change": _change,
    "beat": _beat,
    "answer": _answer,
    "receipt": _receipt,
}
"""The maker of each `type` that is no alert."""
