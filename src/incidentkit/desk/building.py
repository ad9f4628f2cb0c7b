"""From what people type to commands: names become enums, times become UTC, records become ids.

Shared by Desk and AsyncDesk, so that both accept and refuse exactly the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias, cast

from incidentkit.errors import InvalidValue
from incidentkit.flows.kinds import BY_NAME, kind_of
from incidentkit.model import incident_commands as c
from incidentkit.model.checks import LABELS_LIMIT, check_text
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import NO_TEXTS, Texts
from incidentkit.model.words import Priority
from incidentkit.timing.instants import as_utc

if TYPE_CHECKING:
    from incidentkit.flows.kinds import Record

Subject: TypeAlias = "str | Record"
"""A record, its id or its reference."""


def subject(of: Subject) -> str:
    """The name by which a record is looked up; a record at hand needs no look-up of its name."""
    if isinstance(of, str):
        return of
    if kind_of(of) not in BY_NAME:
        what = type(cast("object", of)).__name__
        raise InvalidValue("subject", f"must be a record, an id or a reference, not {what}")
    return f"{kind_of(of)}/{of.id}"


def instant(value: datetime | None, field: str) -> datetime | None:
    """An instant in UTC; a naive one is refused."""
    return None if value is None else as_utc(value, field)


def labels(value: Mapping[str, str] | None) -> Texts:
    """Labels as clean, frozen text; too many are refused."""
    if value is None:
        return NO_TEXTS
    if not isinstance(cast("object", value), Mapping):
        what = type(value).__name__
        raise InvalidValue("labels", f"must be names with their texts, not {what}")
    if len(value) > LABELS_LIMIT:
        raise InvalidValue("labels", f"are {len(value)}; at most {LABELS_LIMIT} are kept")
    return FrozenMap(
        {check_text(k, "labels", 256): check_text(v, f"labels.{k}", 4096) for k, v in value.items()}
    )


def declare(
    title: str,
    *,
    summary: str,
    service: str | None,
    impact: str | None,
    urgency: str | None,
    labels_: Mapping[str, str] | None,
    priority: Priority | str | None,
    assign: str | None,
    owner: str | None,
    reporter: str | None,
    occurred_at: datetime | None,
    detected_at: datetime | None,
    successor_of: Subject | None,
    candidate: bool,
    private: str,
    admits: Iterable[str],
) -> c.Declare:
    """The command of a declaration."""
    return c.Declare(
        _title(title),
        summary=summary,
        service=service,
        impact=impact,
        urgency=urgency,
        priority=priority,
        assign=assign,
        owner=owner,
        reporter=reporter,
        labels=labels(labels_),
        candidate=candidate,
        private=private,
        admits=tuple(admits),
        occurred_at=instant(occurred_at, "occurred_at"),
        detected_at=instant(detected_at, "detected_at"),
        successor_of=None if successor_of is None else subject(successor_of),
    )


def _title(value: str) -> str:
    if not check_text(value, "title", 1_000).strip():
        raise InvalidValue("title", "must not be empty")
    return value
