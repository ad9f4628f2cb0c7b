"""What the stories have in common: payloads, a pager that understands answers, and looking."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from incidentkit import Answer, AnswerVerb, MessageKind, Receipt, Rejected, SourceRequest
from incidentkit.channels.memory import MemoryChannel
from incidentkit.flows.effects import Find, Flow, Kind
from incidentkit.flows.kinds import ALERT
from incidentkit.flows.reading import whole
from incidentkit.model.alert import AlertRecord
from incidentkit.model.journal import Event, JournalEntry
from incidentkit.model.reason import Reason
from incidentkit.ports.query import Query

URGENT: dict[str, Any] = {"impact": "high", "urgency": "high"}
"""Levels of a P1 in the default matrix."""


def payload(*alerts: dict[str, Any], group: str = "g1") -> str:
    """What Alertmanager would send about these alerts of one group."""
    return json.dumps({"version": "4", "groupKey": group, "alerts": list(alerts)})


def alert(
    name: str = "a", *, status: str = "firing", severity: str = "critical", value: str = "1"
) -> dict[str, Any]:
    """One alert as Alertmanager sends it; `value` stands in an annotation."""
    return {
        "status": status,
        "labels": {"alertname": name, "severity": severity, "service": "checkout"},
        "annotations": {"summary": f"{name} is bad", "value": value},
        "startsAt": "2026-01-05T08:59:00Z",
        "fingerprint": f"fp-{name}",
    }


def cleared(name: str = "a", **more: Any) -> dict[str, Any]:
    """The same alert, no longer firing."""
    return alert(name, status="resolved", **more)


class Pager(MemoryChannel):
    """A channel of every kind whose answers are JSON: type, token, id, text."""

    def parse(self, request: SourceRequest) -> Iterable[Any]:
        try:
            said = json.loads(request.body)
            key = said.get("id", "")
            if said["type"] == "receipt":
                yield Receipt(said["token"], said["ok"], said.get("detail", ""), key)
            else:
                yield Answer(said["token"], AnswerVerb(said["type"]), key, said.get("text", ""))
        except (ValueError, KeyError) as error:
            yield Rejected("body", str(error))


def pager(name: str = "sms", *kinds: MessageKind) -> Pager:
    """A pager; of every kind unless some are named."""
    return Pager(name, kinds) if kinds else Pager(name)


def said(channel: MemoryChannel) -> list[str]:
    """To whom messages went, in order."""
    return [message.to for message in channel.messages]


def records(desk: Any, kind: Kind[Any]) -> tuple[Any, ...]:
    """Every record of a kind."""

    def flow() -> Flow[tuple[Any, ...]]:
        found = yield from Find(kind, Query(kind.name, limit=1000))
        return found.items

    found: tuple[Any, ...] = desk.run(flow, "looking")
    return found


def alerts(desk: Any) -> dict[str, AlertRecord]:
    """Every alert by its title."""
    return {record.alert.title: record for record in records(desk, ALERT)}


def entries(desk: Any, kind: str, id_: str) -> tuple[JournalEntry, ...]:
    """The journal of any record."""
    found: tuple[JournalEntry, ...] = desk.run(lambda: whole(kind, id_), "looking")
    return found


def events(desk: Any, of: Any) -> list[Event]:
    """What happened to an incident or problem, in order."""
    return [each.recorded.event for each in desk.journal(of) if each.recorded is not None]


def names(desk: Any, of: Any) -> list[str]:
    """The same by the stored names of the events."""
    return [each.kind for each in desk.journal(of)]


def reasons(journal: Iterable[JournalEntry]) -> list[Reason]:
    """Every reason that stands in a journal."""
    found = [each.recorded.reason for each in journal if each.recorded is not None]
    return [reason for reason in found if reason is not None]


def links(record: Any) -> set[tuple[str, str]]:
    """The links of an incident or problem as (kind, reference)."""
    ties = record.ties.links if hasattr(record, "ties") else record.links
    return {(link.kind.value, link.ref) for link in ties}


def alert_ids(desk: Any) -> tuple[str, ...]:
    """The id of every alert, in the order of their titles."""
    return tuple(record.id for _, record in sorted(alerts(desk).items()))
