"""What a policy may name: exactly what rules can know, and events that there are."""

from __future__ import annotations

from incidentkit.codec.journal import EVENTS
from incidentkit.policy.facts import EVENT_NAMES, INCIDENT_FACTS, TEMPLATE_FIELDS


def test_every_event_name_is_an_event() -> None:
    assert set(EVENT_NAMES) <= set(EVENTS)
    assert len(EVENT_NAMES) == len(set(EVENT_NAMES))


def test_a_template_may_show_what_a_condition_may_ask() -> None:
    assert set(TEMPLATE_FIELDS) == set(INCIDENT_FACTS.facts)
