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
MAINTENANCE = "maintenance"
COMPONENT = "component"
"""The label of an alert that names its component."""

_parsed = lru_cache(256)(Condition.parse)


def held_back(
    alert: Alert, holders: Iterable[Holder], at: datetime, *, raised: bool, policy: str = ""
) -> tuple[Holder, Reason] | None:
    """The first that holds this firing alert back, and why; None where none does.

    `raised`: the alert belongs to an incident that is active. Only what holds gives a reason: why
    all the others did not would cost far more than asking them.
    """
    known = facts(alert)
    component = alert.labels.get(COMPONENT, "")
    for holder in holders:
        if not holder.start <= at < holder.until:
            continue
        kind = holder.name.partition("/")[0]
        named = alert.service in holder.services or component in holder.components
        if kind == MAINTENANCE and (raised or not named):
            continue
        found = _parsed(holder.when).evaluate(known)
        if found.holds:
            inputs: FrozenMap[str, Plain] = FrozenMap(
                {
                    "by": holder.ref,
                    "kind": kind,
                    "at": at.isoformat(),
                    "from": holder.start.isoformat(),
                    "until": holder.until.isoformat(),
                    "when": holder.when,
                    "facts": FrozenMap({name: _plain(x) for name, x in found.read.items()}),
                    "service": alert.service or "",
                    "component": component,
                    "services": holder.services,
                    "components": holder.components,
                    "raised": raised,
                }
            )
            return holder, Reason(RULE, VERSION, inputs, SUPPRESS, policy, found.unknowns)
    return None


def _plain(value: object) -> Plain:
    return value if isinstance(value, str | int | bool) else str(value)


def judge(inputs: Mapping[str, Plain]) -> str:
    """`suppress`, or nothing, drawn from plain inputs."""
    at, start, until = (datetime.fromisoformat(str(inputs[key])) for key in ("at", "from", "until"))
    if not start <= at < until:
        return ""
    if inputs["kind"] == MAINTENANCE and (inputs["raised"] or not _named(inputs)):
        return ""
    known = inputs["facts"]
    given = dict(known) if isinstance(known, dict) else {}
    return SUPPRESS if _parsed(str(inputs["when"])).holds(given) else ""


def _named(inputs: Mapping[str, Plain]) -> bool:
    """Whether the alert is on a service or a component that the work names."""
    services, components = inputs["services"], inputs["components"]
    service = isinstance(services, tuple) and inputs["service"] in services
    return service or (isinstance(components, tuple) and inputs["component"] in components)
