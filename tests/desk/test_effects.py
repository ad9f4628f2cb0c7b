"""What flows may ask for, and in what order.

Guarded here: every effect is in use, none has been added beside the list, and the check that each
flow commits once and does nothing after it would notice one that does not.
"""

from __future__ import annotations

from typing import Any

import pytest

from incidentkit import Condition, Desk, Opinion, Permission
from incidentkit.desk.session import STEPS
from incidentkit.flows import effects as fx
from incidentkit.flows.effects import Commit, Flow, Now
from incidentkit.ports.rows import TaskQuery
from tests.flows import checking
from tests.flows.stories import varied


def effects() -> set[type[Any]]:
    """Every class of effect that the module declares."""
    found = (each for each in vars(fx).values() if isinstance(each, type))
    return {each for each in found if issubclass(each, fx.Effect) and each is not fx.Effect}


class Everybody:
    def may(self, actor: str, action: str, subject: str) -> Permission:
        return Permission(Opinion.ALLOW)

    def scope(self, actor: str, kind: str) -> Condition:
        return Condition.parse('not state == "closed"')


def test_the_driver_knows_every_effect() -> None:
    assert set(STEPS) == effects()


def test_every_effect_is_yielded_by_some_flow() -> None:
    checking.SEEN.clear()
    desk = varied(Desk.open, authoriser=Everybody())
    desk.acknowledge("INC-1", by="ana")
    desk.count()
    desk.search("down")
    desk.overview()
    desk.tasks(TaskQuery())
    desk.seal()
    desk.verify()
    desk.redact("INC-1", [1], reason="a name")
    desk.disconnect()
    assert effects() == checking.SEEN


def committing_twice() -> Flow[None]:
    yield from Commit()
    yield from Commit()


def asking_after_the_commit() -> Flow[None]:
    yield from Commit()
    _ = yield from Now()


@pytest.mark.parametrize("flow", [committing_twice, asking_after_the_commit])
def test_the_check_notices_what_follows_a_commit(flow: Any) -> None:
    with Desk.open() as desk, pytest.raises(AssertionError, match="after the commit"):
        desk.run(flow, "wrong")


def test_a_hosts_own_flow_is_driven_like_ours() -> None:
    def flow() -> Flow[Any]:
        at = yield from Now()
        return at

    with Desk.open() as desk:
        assert desk.run(flow).tzinfo is not None
