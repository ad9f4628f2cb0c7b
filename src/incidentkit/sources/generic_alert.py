"""An alert from fields that were named for us, by the sender or by a mapping.

Only a title is needed. A value that does not fit its field is put into `extra` rather than costing
the alert: at 03:00 an alert with a broken date is still an alert.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from incidentkit.errors import InvalidValue
from incidentkit.model.checks import NAME_LIMIT, TEXT_LIMIT
from incidentkit.model.signals import NO_TEXTS, Alert, Texts
from incidentkit.model.words import AlertStatus
from incidentkit.sources import texts
from incidentkit.sources.documents import Fields, is_list, is_object
from incidentkit.sources.severity import severity_of
from incidentkit.timing.instants import as_utc

NAMES = frozenset(
    (
        *("title", "key", "status", "severity", "service", "group", "labels", "annotations"),
        *("started_at", "ended_at", "url"),
    )
)
"""The fields of an alert in the own shape."""

TITLES = ("summary", "message", "name")
"""Where a title is looked for when there is none; they stay in `extra` as well."""

CLEARED = frozenset(
    (
        *("cleared", "clear", "resolved", "resolve", "ok", "okay", "closed", "close"),
        *("recovered", "recovery", "normal", "inactive", "up"),
    )
)
"""The words for an alert that no longer fires, in lower case. Any other word means it fires."""


def make_alert(
    source: str, named: Fields, sent: Mapping[str, object], rest: Fields, shared: Texts
) -> Alert:
    """The alert; `sent` holds values as they were before a mapping, `rest` what has no field.

    Raises InvalidValue where the title is missing, or labels or texts are over the limits.
    """
    return _Draft(named, sent).finish(source, rest, shared)


class _Draft:
    """The named fields while they are taken, and what of them goes into `extra`."""

    def __init__(self, named: Fields, sent: Mapping[str, object]) -> None:
        self.named = named
        self.sent = sent
        self.extra: Fields = {}

    def finish(self, source: str, rest: Fields, shared: Texts) -> Alert:
        labels, annotations = self.table("labels"), self.table("annotations")
        title, service, status = self.title(), self.service(), self.status()
        severity = self.text("severity")
        original = texts.as_text(self.sent.get("severity", severity))
        started_at, started_as_sent = self.time("started_at")
        ended_at, ended_as_sent = self.time("ended_at")
        return Alert(
            source,
            self.key(title, service, labels),
            status,
            title,
            severity_of(severity),
            original,
            service,
            self.kept("group"),
            labels,
            annotations,
            started_at,
            ended_at if status is AlertStatus.CLEARED else None,
            started_as_sent,
            ended_as_sent,
            self.kept("url"),
            texts.merged(texts.merged(shared, self.extra, "alert"), rest, "alert"),
        )

    def text(self, name: str, limit: int = TEXT_LIMIT) -> str:
        """The field as text; what has no short text of its own goes into `extra`."""
        value = self.named.get(name)
        if value is None:
            return ""
        found = texts.as_text(value)
        if is_object(value) or is_list(value) or len(found) > limit:
            self.extra[name] = value
            return ""
        return found

    def kept(self, name: str, limit: int = TEXT_LIMIT) -> str:
        """The same; where a mapping changed it, the value as sent stands in `extra`."""
        found = self.text(name, limit)
        self.note(name, found)
        return found

    def note(self, name: str, found: str) -> None:
        """Keep what was sent, if it is not what stands in the field."""
        sent = self.sent.get(name, self.named.get(name))
        if sent is not None and name not in self.extra and texts.as_text(sent) != found:
            self.extra[name] = sent

    def title(self) -> str:
        found = texts.one_line(self.text("title"))
        if not found:
            raise InvalidValue("title", "is missing: an alert needs a text for people")
        self.note("title", found)
        return found

    def service(self) -> str | None:
        found = self.text("service", NAME_LIMIT).strip()
        found = found if texts.is_name(found) else ""
        self.note("service", found)
        return found or None

    def status(self) -> AlertStatus:
        word = self.text("status").strip().lower()
        status = AlertStatus.CLEARED if word in CLEARED else AlertStatus.FIRING
        self.note("status", status)
        return status

    def key(self, title: str, service: str | None, labels: Texts) -> str:
        """The key as sent, else one of what an alert and its clearing have in common."""
        sent = self.text("key")
        key = texts.key_of(sent) if sent.strip() else ""
        self.note("key", key)
        return key or texts.digest((title, service or "", texts.digest(labels)))

    def table(self, name: str) -> Texts:
        value = self.named.get(name)
        if value is not None and not is_object(value):
            self.extra[name] = value
            return NO_TEXTS
        found = texts.texts(value, name)
        for target, sent in self.sent.items():  # such as `labels.tier`, from a mapping
            part, _, label = target.partition(".")
            if part == name and label and texts.as_text(sent) != found.get(label):
                self.extra[target] = sent
        return found

    def time(self, name: str) -> tuple[datetime | None, str]:
        """The instant, and the text as it was sent; a number is not guessed to be an epoch."""
        value = self.named.get(name)
        if isinstance(value, datetime):  # made by a mapping
            sent = self.sent.get(name, value.isoformat())
            return as_utc(value, name), texts.as_text(sent)
        found = self.text(name, NAME_LIMIT)
        return texts.instant(found), found
