"""A host's own automation: event, condition, action, and once for what.

Domain events are the only triggers there are; a rule is asked when one of its events happened. It
fires at most once for each value of `once_for`; with a delay its condition is asked again when the
delay is over. A dry run only writes down what would have been done.
Sources: conditions that are checked again after a delay, and keys that a workflow runs once for, as
incident.io's workflows have them; bounded depth as in ServiceNow's recursion guard.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.lang.conditions import Condition
from incidentkit.lang.names import Name, value_of
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.reason import Plain, Reason
from incidentkit.rules import communicate
from incidentkit.rules.bind import Action
from incidentkit.rules.kept import given_all, keep_all
from incidentkit.rules.names import event_name

RULE = "automate"
VERSION = 1


class Mode(StrEnum):
    """Whether a rule acts, only says what it would do, or is switched off."""

    LIVE = "live"
    DRY_RUN = "dry_run"
    OFF = "off"


@attrs.frozen
class Automation:
    """One rule: when one of these events happened and the condition holds, do this.

    `once_for` names facts: the rule fires once for each combination of their values, ever; with
    none it fires every time. `delay`: wait so long, then ask the condition again.

    Raises InvalidValue for a rule without an event or an action.
    """

    name: str
    on: tuple[str, ...]
    when: Condition
    do: tuple[Action, ...]
    once_for: tuple[str, ...] = ("incident.ref",)
    delay: timedelta = timedelta()
    mode: Mode = Mode.LIVE

    def __attrs_post_init__(self) -> None:
        if not self.on or not self.do:
            raise InvalidValue(self.name, "needs at least one event in `on` and one action in `do`")

    @property
    def at_once(self) -> bool:
        """Whether it acts in the very commit of its event, not in one of its own."""
        return not self.delay and all(action.is_plain for action in self.do)

    def fires(
        self,
        incident: Incident,
        depth: int,
        policy: str = "",
        known: Mapping[str, object] | None = None,
    ) -> Fired | None:
        """The firing of this rule for an incident; None where its condition does not hold.

        `known` is what is known of the incident and around it; left out, of the incident alone.
        """
        known = known or {"incident": communicate.facts(incident)}
        verdict = self.when.evaluate(known)
        if not verdict.holds:
            return None
        inputs: FrozenMap[str, Plain] = FrozenMap(
            {
                "rule": self.name,
                "when": str(self.when),
                "facts": keep_all(verdict.read),
                "mode": self.mode.value,
                "depth": depth,
            }
        )
        reason = Reason(RULE, VERSION, inputs, judge(inputs), policy, verdict.unknowns)
        return Fired(self, _key(self, known), known, reason)


@attrs.frozen
class Fired:
    """A rule that fires: its key (empty: every time), what its templates may say, and why."""

    rule: Automation
    key: str
    facts: Mapping[str, object]
    reason: Reason


def _key(rule: Automation, known: Mapping[str, object]) -> str:
    if not rule.once_for:
        return ""
    values = [str(_value(known, name)) for name in rule.once_for]
    return "\x1f".join((rule.mode.value, rule.name, *values))


def _value(known: Mapping[str, object], dotted: str) -> object:
    found = value_of(known, Name(tuple(dotted.split("."))))
    return "" if found is None else found


def listening(rules: tuple[Automation, ...], event: Event) -> tuple[Automation, ...]:
    """The rules that are to be asked about an event."""
    name = event_name(type(event))
    return tuple(x for x in rules if name in x.on and x.mode is not Mode.OFF)


def judge(inputs: Mapping[str, Plain]) -> str:
    """What the rule leads to, drawn from plain inputs: `act`, `dry_run` or nothing."""
    if not Condition.parse(str(inputs["when"])).holds(given_all(inputs["facts"])):
        return ""
    return "dry_run" if inputs["mode"] == Mode.DRY_RUN.value else "act"
