"""Any JSON: in the library's own shape, or in a foreign one read by a mapping.

The own shape is an object, a list of objects, or `{"alerts": [...]}`. An object is an alert unless
its `type` is `report`, `change`, `beat`, `answer` or `receipt`; it has the fields of that signal:

* alert: `title` (or `summary`, `message`, `name`), `key`, `status`, `severity`, `service`, `group`,
  `labels`, `annotations`, `started_at`, `ended_at`, `url`
* report: `title`, `reporter`, `text`, `on_behalf_of`, `service`, `location`, `contact`, `incident`,
  `key`, `category`
* change: `title`, `at`, `key`, `by`, `service`, `url`, `labels`
* beat: `key`, `every` (seconds, or a term such as `5m`), `service`
* answer: `token`, `verb`, `key`, `text`
* receipt: `token`, `delivered`, `detail`, `key`

An unknown field of an alert stands in `extra`, one of a change in `labels`. The other signals have
no such place: there a Rejected beside the signal keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.lang.mappings import DocumentMapping
from incidentkit.lang.quoting import one
from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import NO_TEXTS, Alert, Rejected, Signal, SourceRequest, Texts
from incidentkit.ports.secret import Secret
from incidentkit.sources import documents, mapped, secret, texts
from incidentkit.sources.documents import Document, Fields
from incidentkit.sources.generic_alert import NAMES, TITLES, make_alert
from incidentkit.sources.generic_kinds import KINDS

Rules: TypeAlias = DocumentMapping | Mapping[str, object]


def _rules(rules: Rules | None) -> DocumentMapping | None:
    if rules is None or isinstance(rules, DocumentMapping):
        return rules
    return DocumentMapping.parse(rules, mapped.TARGETS)


@attrs.frozen(eq=False)
class GenericJson:
    """Reads JSON in the own shape, or with a mapping any JSON as alerts.

    `mapping` is a DocumentMapping made for `mapped.TARGETS`, or its data. With `token`, only
    requests that carry it are read; see `secret`.

    >>> source = GenericJson()
    >>> body = b'{"title": "Disk full", "severity": "high", "host": "db-1"}'
    >>> [alert] = source.parse(SourceRequest(body))
    >>> print(alert.title, alert.severity, alert.extra)
    Disk full error {'host': 'db-1'}
    >>> zabbix = GenericJson("zabbix", {"fields": {"title": "$.event.name"}})
    >>> [alert] = zabbix.parse(SourceRequest(b'{"event": {"name": "No ping", "id": 7}}'))
    >>> print(alert.title, alert.extra)
    No ping {'event.id': '7'}
    """

    name: str = attrs.field(default="generic", validator=checks.name)
    mapping: DocumentMapping | None = attrs.field(default=None, converter=_rules)
    token: Secret | None = attrs.field(default=None, repr=False, converter=secret.check_token)

    def parse(self, request: SourceRequest) -> tuple[Signal, ...]:
        """Every signal of the request in its order; Rejected for whatever cannot be read."""
        if refused := secret.refusal(request, self.token):
            return (refused,)
        document = documents.read_document(request.body)
        if isinstance(document, Rejected):
            return (document,)
        if self.mapping is not None:
            return tuple(mapped.alerts(self.name, self.mapping, document))
        return tuple(self._own(document))

    def _own(self, document: Document) -> list[Signal]:
        value = document.value
        if documents.is_list(value):
            return self._list(value, "", document.clean, NO_TEXTS)
        if not documents.is_object(value):
            problem = f"must be an object or a list, not {type(value).__name__}"
            return [texts.rejected("body", problem, value)]
        alerts: object = value.get("alerts")
        if not documents.is_list(alerts):
            return self._one(value, "body", document.clean, NO_TEXTS)
        beside = {name: each for name, each in value.items() if name != "alerts"}
        named = ((f"payload.{name}", each) for name, each in beside.items())
        shared, refused = texts.share(named, document.clean)
        signals = self._list(alerts, "alerts", document.clean, FrozenMap(shared))
        if shared and not any(isinstance(signal, Alert) for signal in signals):
            signals.append(texts.rejected("body", "has fields that no alert here keeps", beside))
        return [*refused, *signals]

    def _list(self, values: list[object], path: str, clean: bool, shared: Texts) -> list[Signal]:
        signals: list[Signal] = []
        for number, value in enumerate(values[: documents.ALERTS_LIMIT]):
            signals += self._one(value, f"{path}[{number}]", clean, shared)
        if rest := values[documents.ALERTS_LIMIT :]:
            problem = f"{len(rest):,} items beyond the first {documents.ALERTS_LIMIT:,} not read"
            path = f"{path}[{documents.ALERTS_LIMIT}:]"
            signals.append(texts.rejected(path, problem, rest[0]))
        return signals

    def _one(self, value: object, path: str, clean: bool, shared: Texts) -> list[Signal]:
        if not documents.is_object(value):
            problem = f"must be an object, not {type(value).__name__}"
            return [texts.rejected(path, problem, value)]
        if not clean and not documents.is_clean(value):
            return [texts.rejected(path, texts.DAMAGED, _hidden(value))]
        kind = value.get("type")
        make = KINDS.get(kind) if isinstance(kind, str) else None
        try:
            if make is None:
                return [_alert(self.name, value, shared)]
            rest = {name: each for name, each in value.items() if name != "type"}
            signal = make(self.name, rest)
        except InvalidValue as error:
            return [texts.rejected(f"{path}.{error.field}", error.problem, _hidden(value))]
        left = {name: each for name, each in rest.items() if each is not None}
        if not left:
            return [signal]
        problem = f"{one(str(kind))} has no such fields, or not of this form"
        return [signal, texts.rejected(path, problem, _hidden(left))]


def _alert(source: str, value: Fields, shared: Texts) -> Alert:
    named = {name: each for name, each in value.items() if name in NAMES}
    rest = {name: each for name, each in value.items() if name not in NAMES}
    if rest.get("type") == "alert":
        del rest["type"]
    for name in TITLES:
        if not named.get("title") and isinstance(rest.get(name), str):
            named["title"] = rest[name]
    return make_alert(source, named, {}, rest, shared)


def _hidden(value: Fields) -> Fields:
    """The object without the token that proves an answer: rejects are kept and shown."""
    return {**value, "token": "***"} if "token" in value else value
