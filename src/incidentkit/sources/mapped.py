"""Foreign JSON made into alerts by a mapping: a new source is then a page of data.

What no rule of the mapping read stands in `extra` under its path (`event.id`), what stands in the
document beside the list of alerts under `payload.` and its path, and a value that the mapping
changed under the name of its field, as it was sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from incidentkit.errors import InvalidValue
from incidentkit.lang.mappings import DocumentMapping, Mapped, Path, Rejection
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import NO_TEXTS, Signal, Texts
from incidentkit.sources import texts
from incidentkit.sources.documents import (
    ALERTS_LIMIT,
    Document,
    Fields,
    is_clean,
    is_list,
    is_object,
)
from incidentkit.sources.generic_alert import make_alert

TARGETS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("title", "key", "status", "severity", "service", "group", "url"), "text"),
    **dict.fromkeys(("started_at", "ended_at"), "instant"),
    **dict.fromkeys(("labels", "annotations"), "labels"),
    **dict.fromkeys(("labels.*", "annotations.*"), "text"),
}
"""The fields that a mapping may fill, with their types; see `DocumentMapping.parse`."""


def alerts(source: str, mapping: DocumentMapping, document: Document) -> Iterator[Signal]:
    """Every alert of the document, in order. An item that the mapping does not choose is none."""
    shared: Texts = NO_TEXTS
    value, each = document.value, mapping.each
    if each is not None:
        found, refused = texts.share(_beside(value, each), document.clean)
        yield from refused
        shared = FrozenMap(found)
        items = each.read(None, value)
        if is_list(items) and (over := items[ALERTS_LIMIT:]):
            problem = f"{len(over):,} items beyond the first {ALERTS_LIMIT:,} not read"
            yield texts.rejected(f"{each}[{ALERTS_LIMIT}:]", problem, over[0])
            del items[ALERTS_LIMIT:]
    for outcome in mapping.apply(value):
        if isinstance(outcome, Rejection):
            yield texts.rejected(outcome.path, outcome.problem, value)
        elif isinstance(outcome, Mapped):
            yield _alert(source, outcome, shared, document.clean)


def _alert(source: str, outcome: Mapped, shared: Texts, clean: bool) -> Signal:
    rest = {_name(path): value for path, value in outcome.unread.items()}
    if not clean and not is_clean([rest, dict(outcome.sent)]):
        return texts.rejected(outcome.path, texts.DAMAGED, rest)
    named: Fields = {}
    for name, value in outcome.fields.items():
        table, _, label = name.partition(".")
        if label:
            named.setdefault(table, {})[label] = value
        else:
            named[name] = {**named.get(name, {}), **value} if isinstance(value, Mapping) else value
    try:
        return make_alert(source, named, outcome.sent, rest, shared)
    except InvalidValue as error:
        all_of_it = {**outcome.sent, **rest}
        return texts.rejected(f"{outcome.path}.{error.field}", error.problem, all_of_it)


def _name(path: str) -> str:
    """The path without its head, as people write it: `$.event.id` is `event.id`."""
    return path.removeprefix("$root").removeprefix("$").removeprefix(".") or "value"


def _beside(value: object, each: Path) -> Iterator[tuple[str, object]]:
    """What stands along the way to the list of items, but is not on it."""
    path = Path(True, ())
    for step in each.steps:
        if is_object(value):
            for name, inner in value.items():
                if name != step:
                    yield _beside_name(path.then(name)), inner
            value = value.get(step) if isinstance(step, str) else None
        elif is_list(value):
            for at, inner in enumerate(value):
                if at != step:
                    yield _beside_name(path.then(at)), inner
            value = value[step] if isinstance(step, int) and step < len(value) else None
        path = path.then(step)


def _beside_name(path: Path) -> str:
    return f"payload.{_name(str(path))}"
