"""Tenants share a store and nothing else.

Guarded here: the same names in two tenants are two things, and no name of one opens the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import LinkKind, LinkTo, ManualTime
from incidentkit.errors import InvalidValue, NotFound
from tests.flows import world
from tests.flows.world import URGENT, alert, cleared, payload

Open = Callable[..., Any]


@pytest.fixture
def sms() -> world.Pager:
    return world.pager()


@pytest.fixture
def two(open_desk: Open, url: str, sms: world.Pager) -> tuple[Any, Any]:
    desk = open_desk(url, time=ManualTime(), channels={"sms": sms})
    return desk.tenant("north"), desk.tenant("south")


def test_references_are_counted_apart(two: tuple[Any, Any]) -> None:
    north, south = two
    assert [north.declare("N").ref, south.declare("S").ref, south.declare("S2").ref] == [
        "INC-1",
        "INC-1",
        "INC-2",
    ]
    assert (north.incident("INC-1").title, south.incident("INC-1").title) == ("N", "S")
    assert (north.count(), south.count()) == (1, 2)
    assert [each.title for each in north.find().items] == ["N"]


def test_no_name_of_one_opens_the_other(two: tuple[Any, Any]) -> None:
    north, south = two
    mine = north.declare("N")
    north.declare("N2")
    for name in (mine, mine.id, f"incident/{mine.id}", "INC-2"):
        for read in (south.get, south.journal, south.deliveries, south.review):
            with pytest.raises(NotFound):
                read(name)
        with pytest.raises(NotFound):
            south.note(name, "hello")
    south.declare("S")
    with pytest.raises(NotFound):
        south.execute(LinkTo("INC-1", kind=LinkKind.RELATED, target=f"incident/{mine.id}"))
    assert north.incident(mine).version == mine.version


def test_dedup_keys_and_groups_are_apart(two: tuple[Any, Any]) -> None:
    north, south = two
    for desk in two:
        assert desk.receive("alertmanager", payload(alert())).opened == ("INC-1",)
    north.receive("alertmanager", payload(cleared()))
    assert (north.incident("INC-1").ties.firing, south.incident("INC-1").ties.firing) == (0, 1)
    assert south.receive("alertmanager", payload(alert())).repeats == 1
    assert {desk.tenant_name: len(world.alerts(desk)) for desk in two} == {"north": 1, "south": 1}


def test_request_ids_and_answer_tokens_are_apart(two: tuple[Any, Any], sms: world.Pager) -> None:
    north, south = two
    assert north.declare("N", request="r").id != south.declare("S", request="r").id
    north.declare("Down", assign="ana", **URGENT)
    north.run_due()
    token = sms.messages[-1].answer_token
    body = f'{{"type": "acknowledge", "token": "{token}"}}'
    assert south.receive("sms", body).rejected
    assert north.incident("INC-2").life.response == "unacknowledged"
    assert north.receive("sms", body).rejected == ()


def test_one_worker_serves_all_tenants(two: tuple[Any, Any], sms: world.Pager) -> None:
    north, south = two
    north.declare("N", assign="ana", **URGENT)
    south.declare("S", assign="bob", **URGENT)
    north.run_due()
    assert sorted(world.said(sms)) == ["ana", "bob"]
    assert south.deliveries("INC-1")[0].state == "sent"


def test_policies_are_apart(two: tuple[Any, Any]) -> None:
    north, south = two
    north.adopt({"name": "northern"})
    assert (north.policy().name, south.policy().name) == ("northern", "default")
    south.declare("S")
    assert south.policy().name == "default"


def test_a_policy_given_at_opening_is_for_every_tenant(open_desk: Open) -> None:
    desk = open_desk("memory:", policy={"name": "house"})
    north, south = desk.tenant("north"), desk.tenant("south")
    north.declare("N")
    north.adopt({"name": "northern"})
    assert (north.policy().name, south.policy().name) == ("northern", "house")


def test_seals_and_queues_are_apart(two: tuple[Any, Any]) -> None:
    north, south = two
    north.declare("N", **URGENT)
    assert (bool(north.tasks()), south.tasks()) == (True, ())
    with pytest.raises(NotFound):
        south.retry(north.tasks()[0].task.id)
    north.seal()
    assert (north.verify().seals, south.verify().seals) == (1, 0)


def test_a_tenant_has_a_name(two: tuple[Any, Any]) -> None:
    with pytest.raises(InvalidValue):
        two[0].tenant("")
