"""What a policy may name: exactly what rules can know, and events that there are."""

from __future__ import annotations

from incidentkit.model import incident_events as e
from incidentkit.model.journal import Event
from incidentkit.policy.facts import EVENT_NAMES, INCIDENT_FACTS, TEMPLATE_FIELDS


def test_every_event_name_is_an_event() -> None:
    every = {
        "".join(f"_{x.lower()}" if x.isupper() else x for x in name).lstrip("_")
        for name, value in vars(e).items()
        if isinstance(value, type) and issubclass(value, Event)
    }
    assert set(EVENT_NAMES) <= every
    assert len(EVENT_NAMES) == len(set(EVENT_NAMES))


def test_a_template_may_show_what_a_condition_may_ask() -> None:
    assert set(TEMPLATE_FIELDS) == set(INCIDENT_FACTS.facts)
