"""Prometheus Alertmanager: webhook version 4, and a bare list of alerts as its API v2 takes it.

Grafana's webhooks have the same shape and are read as well. Nothing is lost: an alert's own unknown
fields stand in `extra` under the names they were sent with. What belongs to the payload as a whole
stands in `context` as `receiver`, `external_url`, `group_labels`, `common_labels`,
`common_annotations`, `truncated_alerts`, `version`, `group_status` or `payload.<name>`: it changes
whenever another alert joins the group, and does not make this one another alert.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import NO_TEXTS, Alert, Rejected, Signal, SourceRequest, Texts
from incidentkit.model.words import AlertStatus
from incidentkit.ports.secret import Secret
from incidentkit.ports.source import Item, Items
from incidentkit.sources import documents, secret, texts
from incidentkit.sources.documents import Fields
from incidentkit.sources.severity import severity_of

SERVICE_LABELS = ("service", "app", "application", "app.kubernetes.io/name", "job")
"""Where the service is looked for; the first label that holds a name wins."""

_GROUP = "group_key"
_PAYLOAD = {
    "receiver": "receiver",
    "groupKey": _GROUP,
    "externalURL": "external_url",
    "groupLabels": "group_labels",
    "commonLabels": "common_labels",
    "commonAnnotations": "common_annotations",
    "truncatedAlerts": "truncated_alerts",
    "version": "version",
    "status": "group_status",
}
_STATUS = {"firing": AlertStatus.FIRING, "resolved": AlertStatus.CLEARED}
_SENT = {status: sent for sent, status in _STATUS.items()}
_READ = frozenset(
    (
        *("status", "labels", "annotations", "fingerprint"),
        *("startsAt", "endsAt", "generatorURL"),
    )
)
_OTHER_TITLES = ("title", "message", "description")


@attrs.frozen(eq=False)
class Alertmanager:
    """Reads what Alertmanager sends. With `token`, only requests that carry it; see `secret`.

    An alert without a status takes its group's, and fires where there is none: a bare list never
    clears by itself, since `endsAt` there is only a forecast. `started_at` and `ended_at` are None
    where the text is no instant, or is the year 1, which means "not yet"; the text is kept.

    >>> source = Alertmanager()
    >>> body = b'[{"labels": {"alertname": "DiskFull", "severity": "page", "app": "db"}}]'
    >>> [alert] = source.parse(SourceRequest(body))
    >>> print(alert.title, alert.status, alert.severity, alert.service)
    DiskFull firing critical db
    """

    name: str = attrs.field(default="alertmanager", validator=checks.name)
    token: Secret | None = attrs.field(default=None, repr=False, converter=secret.check_token)

    def parse(self, request: SourceRequest) -> tuple[Signal, ...]:
        """Every alert of the request in its order, and a Rejected for whatever cannot be read."""
        read = self._read(request)
        if isinstance(read, Rejected):
            return (read,)
        signals: list[Signal] = list(read.refused)
        for number, alert in enumerate(read.alerts[: documents.ALERTS_LIMIT]):
            if not documents.is_object(alert):
                problem = f"must be an object, not {type(alert).__name__}"
                signals.append(texts.rejected(f"alerts[{number}]", problem, alert))
            elif not read.clean and not documents.is_clean(alert):
                signals.append(texts.rejected(f"alerts[{number}]", texts.DAMAGED, alert))
            else:
                signals.append(self._built(_stated(alert, read.payload), read.payload))
        over = len(read.alerts) - documents.ALERTS_LIMIT
        if over > 0:
            path = f"alerts[{documents.ALERTS_LIMIT}:]"
            problem = f"{over:,} alerts beyond the first {documents.ALERTS_LIMIT:,} not read"
            signals.append(texts.rejected(path, problem, read.alerts[documents.ALERTS_LIMIT]))
        return tuple(signals)

    def items(self, request: SourceRequest) -> Items | None:
        """The alerts unbuilt, under the sender's fingerprint; None where anything is unusual."""
        read = self._read(request)
        if isinstance(read, Rejected) or read.refused or not read.clean:
            return None
        alerts, payload = read.alerts, read.payload
        if len(alerts) > documents.ALERTS_LIMIT or not documents.are_objects(alerts):
            return None
        stated = alerts
        if payload["status"] is not None:
            stated = [_stated(alert, payload) for alert in alerts]
        return Items(stated, payload, _hint)

    def build(self, item: Item) -> Signal:
        """The alert of an item of this source, or Rejected."""
        payload = item.context
        if not payload.keys() >= _NO_PAYLOAD.keys():
            return texts.rejected("alerts[?]", "is no item of this source", None)
        return self._built(cast("Fields", item.raw), cast("Fields", payload))

    def _built(self, alert: Fields, payload: Fields) -> Signal:
        try:
            return _build(self.name, alert, payload)
        except InvalidValue as error:
            path = f"alerts[{texts.one_line(_hint(alert), 80)}].{error.field}"
            return texts.rejected(path, error.problem, alert)

    def _read(self, request: SourceRequest) -> _Read | Rejected:
        if refused := secret.refusal(request, self.token):
            return refused
        document = documents.read_document(request.body)
        if isinstance(document, Rejected):
            return document
        value = document.value
        if documents.is_list(value):
            return _Read(value, _NO_PAYLOAD, (), document.clean)
        if not documents.is_object(value):
            problem = f"must be an object or a list, not {type(value).__name__}"
            return texts.rejected("body", problem, value)
        alerts: object = value.get("alerts")
        if not documents.is_list(alerts):
            return texts.rejected("alerts", "must be a list of alerts", value)
        payload, refusals = _payload(value, document.clean)
        return _Read(alerts, payload, refusals, document.clean)


@attrs.frozen
class _Read:
    """A body that has the right shape: its alerts, and what they share."""

    alerts: list[object]
    payload: Fields
    refused: tuple[Rejected, ...]
    clean: bool


_NO_PAYLOAD: Fields = {"group": "", "status": None, "context": NO_TEXTS}


def _payload(fields: Fields, clean: bool) -> tuple[Fields, tuple[Rejected, ...]]:
    """What the alerts share, made once."""
    named = ((_PAYLOAD.get(name) or f"payload.{name}", fields[name]) for name in fields)
    context, refused = texts.share((each for each in named if each[0] != "payload.alerts"), clean)
    group = context.pop(_GROUP, "")
    status = _STATUS.get(context.get("group_status", "").strip().lower())
    return {"group": group, "status": status, "context": FrozenMap(context)}, refused


def _stated(alert: Fields, payload: Fields) -> Fields:
    """The alert with its group's status where it has none, so that it changes when that does."""
    if "status" in alert or payload["status"] is None:
        return alert
    return {**alert, "status": _SENT[payload["status"]]}


def _hint(alert: Mapping[str, Any]) -> str:
    hint = alert.get("fingerprint")
    if type(hint) is not str or not hint:
        labels = alert.get("labels")
        try:
            hint = "|".join((*labels, *labels.values())) if labels else "?"
        except (AttributeError, TypeError):
            hint = texts.as_text(labels)
    return hint[: texts.KEY_LIMIT]


def _build(source: str, alert: Fields, payload: Fields) -> Alert:
    labels = texts.texts(alert.get("labels"), "labels")
    extra: Fields = {}
    if not _READ.issuperset(alert):
        extra = {name: value for name, value in alert.items() if name not in _READ}
    noted: object = alert.get("annotations")
    annotations = NO_TEXTS
    if documents.is_object(noted):
        annotations = texts.bounded(noted, "annotations")
    elif noted is not None:
        extra["annotations"] = noted
    started_at, started_as_sent = _time(alert, "startsAt", extra)
    ended_at, ended_as_sent = _time(alert, "endsAt", extra)
    url = alert.get("generatorURL", "")
    if type(url) is not str or len(url) > checks.TEXT_LIMIT:
        extra["generatorURL"], url = url, ""
    status = _status(alert, payload, extra)
    severity = labels.get("severity") or labels.get("priority") or ""
    return Alert(
        source,
        _key(alert, labels, extra),
        status,
        _title(labels, annotations),
        severity_of(severity),
        severity,
        _service(labels),
        payload["group"],
        labels,
        annotations,
        started_at,
        ended_at if status is AlertStatus.CLEARED else None,
        started_as_sent,
        ended_as_sent,
        url,
        texts.merged(NO_TEXTS, extra, "alert"),
        payload["context"],
    )


def _time(alert: Fields, field: str, extra: Fields) -> tuple[datetime | None, str]:
    """The instant, where there is one, and the text as it was sent."""
    sent = alert.get(field)
    if type(sent) is str and len(sent) <= checks.NAME_LIMIT:
        return texts.instant(sent), sent
    if field in alert:
        extra[field] = sent
    return None, ""


def _status(alert: Fields, payload: Fields, extra: Fields) -> AlertStatus:
    sent = alert.get("status")
    found = _STATUS.get(sent) if type(sent) is str else None
    if found is not None:
        return found
    if "status" in alert:
        extra["status"] = sent
        if isinstance(sent, str):
            return _STATUS.get(sent.strip().lower(), AlertStatus.FIRING)
    return payload["status"] or AlertStatus.FIRING


def _key(alert: Fields, labels: Texts, extra: Fields) -> str:
    sent = alert.get("fingerprint")
    if type(sent) is str and sent:
        key = texts.key_of(sent)
        if key != sent:
            extra["fingerprint"] = sent
        return key
    if "fingerprint" in alert:
        extra["fingerprint"] = sent
    if not labels:
        raise InvalidValue("labels", "an alert needs labels, or a fingerprint, to be told apart")
    return texts.digest(labels)


def _title(labels: Texts, annotations: Texts) -> str:
    """What a person woken by it reads first."""
    found = annotations.get("summary") or labels.get("summary") or labels.get("alertname") or ""
    if title := texts.one_line(found):
        return title
    for other in (labels.get("alertname"), *map(annotations.get, _OTHER_TITLES)):
        if other and (title := texts.one_line(other)):
            return title
    told = ", ".join(f"{name}={value}" for name, value in labels.items())
    return texts.one_line(told) or "an alert without a name"


def _service(labels: Texts) -> str | None:
    for label in SERVICE_LABELS:
        found = labels.get(label)
        if found and texts.is_name(found):
            return found
    return None
