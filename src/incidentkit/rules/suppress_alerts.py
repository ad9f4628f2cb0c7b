"""Whether an alert is held back, by which silence or maintenance, and why.

A silence holds back whatever its condition is true of. Maintenance holds back only alerts on what
it names and of the kinds it expects; and never one that belongs to an incident on which people
already work: what was raised stays raised. Both hold only from their start to their end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from incidentkit.lang.conditions import Condition
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.signals import Alert
from incidentkit.model.suppressions import Holder
from incidentkit.rules.correlate import facts

RULE = "suppress.alert"
VERSION = 1
SUPPRESS = "suppress"
COMPONENT = "component"
"""The label of an alert that names its component."""

_parsed = lru_cache(256)(Condition.parse)


def held_back(
    alert: Alert, holders: Iterable[Holder], at: datetime, *, raised: bool, policy: str = ""
) -> tuple[Holder, Reason] | None:
    """The first that holds this firing alert back, and why; None where none does.

    `raised`: the alert belongs to an incident that is active.
    """
    for holder in holders:
        if not holder.start <= at < holder.until:
            continue
        reason = _reason(alert, holder, at, raised, policy)
        if reason.outcome == SUPPRESS:
            return holder, reason
    return None


def _reason(alert: Alert, holder: Holder, at: datetime, raised: bool, policy: str) -> Reason:
    found = _parsed(holder.when).evaluate(facts(alert))
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "by": holder.ref,
            "kind": holder.name.partition("/")[0],
            "at": at.isoformat(),
            "from": holder.start.isoformat(),
            "until": holder.until.isoformat(),
            "when": holder.when,
            "facts": FrozenMap({name: _plain(value) for name, value in found.read.items()}),
            "service": alert.service or "",
            "component": alert.labels.get(COMPONENT, ""),
            "services": holder.services,
            "components": holder.components,
            "raised": raised,
        }
    )
    return Reason(RULE, VERSION, inputs, judge(inputs), policy, found.unknowns)


def _plain(value: object) -> Plain:
    return value if isinstance(value, str | int | bool) else str(value)


def judge(inputs: Mapping[str, Plain]) -> str:
    """`suppress`, or nothing, drawn from plain inputs."""
    at, start, until = (datetime.fromisoformat(str(inputs[key])) for key in ("at", "from", "until"))
    if not start <= at < until:
        return ""
    if inputs["kind"] == "maintenance" and (inputs["raised"] or not _named(inputs)):
        return ""
    known = inputs["facts"]
    given = dict(known) if isinstance(known, dict) else {}
    return SUPPRESS if _parsed(str(inputs["when"])).holds(given) else ""


def _named(inputs: Mapping[str, Plain]) -> bool:
    """Whether the alert is on a service or a component that the work names."""
    services, components = inputs["services"], inputs["components"]
    service = isinstance(services, tuple) and inputs["service"] in services
    return service or (isinstance(components, tuple) and inputs["component"] in components)
