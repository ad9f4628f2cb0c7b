"""A store full of incidents: a few of them active, as in an organisation that looks after them.

They are written as rows, not declared one by one: what is measured is how they are found.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from incidentkit import Desk, Incident, Priority, Response, State
from incidentkit.codec.choice import Codec, choose
from incidentkit.flows.indexing import card_of
from incidentkit.ids import MAIN_TENANT, IncidentId
from incidentkit.model.incident import Card, Hold
from incidentkit.model.words import Moment
from incidentkit.ports.rows import Batch, KeyChange, SearchText
from incidentkit.timing.instants import to_micros
from incidentkit.timing.intervals import Interval

START = datetime(2026, 1, 1, tzinfo=UTC)
SERVICES = tuple(f"service-{number:02d}" for number in range(40))
PEOPLE = tuple(f"person-{number:02d}" for number in range(60))
_WHAT = ("login", "checkout", "printer", "vpn", "database", "mail", "storage", "network", "queue")
_HOW = ("slow", "down", "unreachable", "failing", "full", "expired", "flapping", "stuck", "corrupt")
_WHERE = ("Monday", "morning", "site", "north", "south", "cluster", "replica", "gateway", "office")
_RARE = tuple(f"host{number:05d}" for number in range(5_000))
EVERY_ACTIVE = 50
"""One in so many is not over yet."""


def titled(number: int, dice: random.Random) -> Card:
    """A card whose words are as unevenly spread as words are."""
    what, how, where = dice.choice(_WHAT), dice.choice(_HOW), dice.choice(_WHERE)
    title = f"{what} is {how} {where} {dice.choice(_RARE)}"
    summary = " ".join(dice.choice(_WHAT + _HOW + _WHERE) for _ in range(20))
    return Card(title, summary, dice.choice(SERVICES), category=f"{what}/{how}")


def fill(desk: Desk, count: int, seed: int = 7) -> None:
    """Write so many incidents."""
    dice = random.Random(seed)
    base = desk.declare("Checkout is down", impact="high", urgency="high", assign="ana")
    codec, store = choose("auto"), desk.ports.store
    for first in range(0, count, 500):
        numbers = range(first, min(first + 500, count))
        made = [_made(base, number, dice) for number in numbers]
        store.commit(_batch(codec, made))


def _made(base: Incident, number: int, dice: random.Random) -> Incident:
    at = START + timedelta(minutes=number)
    active = number % EVERY_ACTIVE == 0
    state = dice.choice((State.NEW, State.IN_PROGRESS, State.ON_HOLD)) if active else State.CLOSED
    response = Response.UNACKNOWLEDGED if dice.random() < 0.6 else Response.ACKNOWLEDGED
    life = attrs.evolve(base.life, state=state, since=at, response=response)
    moments = base.course.moments.with_(Moment.DECLARED, at)
    if not active:
        moments = moments.with_(Moment.RESOLVED, at + timedelta(hours=dice.randrange(1, 90)))
    held = (Hold("vendor", dice.choice(PEOPLE), Interval(at)),) if state is State.ON_HOLD else ()
    course = attrs.evolve(base.course, moments=moments, holds=held)
    assignee = dice.choice(PEOPLE) if dice.random() < 0.8 else None
    return attrs.evolve(
        base,
        id=IncidentId(f"{number:032x}"),
        ref=f"INC-{number + 10}",
        card=titled(number, dice),
        rating=attrs.evolve(base.rating, priority=dice.choice(tuple(Priority))),
        life=life,
        course=course,
        people=attrs.evolve(base.people, assignee=assignee),
        clocks=base.clocks if active else (),
    )


def _batch(codec: Codec, made: list[Incident]) -> Batch:
    puts: list[Any] = []
    for each in made:
        at = to_micros(each.course.moments[Moment.DECLARED])
        puts.append(codec.to_put("incident", each, each.version, "head", 0, at))
    texts = tuple(SearchText("incident", x.id, *card_of("incident", x)) for x in made)
    keys = tuple(KeyChange("ref", x.ref, None, f"incident/{x.id}") for x in made)
    return Batch(MAIN_TENANT, puts=tuple(puts), texts=texts, keys=keys)
