"""Who may do and see what: denials win, scopes reach every read, and failing fails closed.

Guarded here: what lies outside the scope looks exactly like what does not exist, and a broken login
service does not keep a person from the incident they were paged for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import Condition, ManualTime, MessageKind, Opinion, Permission, hookimpl
from incidentkit.errors import ConditionError, NotAuthorised, NotFound
from incidentkit.lang.conditions import ALWAYS
from incidentkit.rules.authorise import BROKEN_GLASS
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]


class Gate:
    """An authoriser by two functions; allows and shows everything unless told otherwise."""

    def __init__(self, may: Any = None, scope: Any = None, name: str = "gate") -> None:
        self.name = name
        self._may, self._scope = may, scope
        self.failing = False
        self.asked: list[tuple[str, str, str]] = []

    def may(self, actor: str, action: str, subject: str) -> Permission:
        self.asked.append((actor, action, subject))
        if self.failing:
            raise ConnectionError("login is down")
        opinion = Opinion.ALLOW if self._may is None else self._may(actor, action)
        return Permission(opinion, "house rule")

    def scope(self, actor: str, kind: str) -> Any:
        if self.failing:
            raise ConnectionError("login is down")
        return ALWAYS if self._scope is None else self._scope(actor, kind)


class Bringing:
    """A plugin that brings one authoriser more."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    @hookimpl
    def incidentkit_register_access(self) -> list[Any]:
        return [self.gate]


def denying(actor: str, action: str) -> Opinion:
    return Opinion.DENY if action == "cancel" else Opinion.ALLOW


def test_a_denial_refuses_and_changes_nothing(open_desk: Open, url: str) -> None:
    desk = open_desk(url, authoriser=Gate(denying))
    inc = desk.declare("Down")
    before = desk.journal(inc)
    with pytest.raises(NotAuthorised, match="ana may not cancel incident/INC-1: house rule"):
        desk.as_("ana").cancel(inc, why="no")
    assert desk.journal(inc) == before
    assert desk.as_("ana").start(inc).status == "in_progress"


def test_any_denial_wins(open_desk: Open) -> None:
    silent = Gate(lambda actor, action: Opinion.NONE)
    for gates in ((Gate(), Gate(denying)), (Gate(denying), Gate())):
        desk = open_desk("memory:", authoriser=gates[0], plugins=[Bringing(gates[1])])
        inc = desk.declare("Down")
        with pytest.raises(NotAuthorised):
            desk.cancel(inc, why="no")
    desk = open_desk("memory:", authoriser=silent)
    with pytest.raises(NotAuthorised, match="no authoriser allows it"):
        desk.declare("Down")


def test_on_behalf_both_are_asked(open_desk: Open) -> None:
    gate = Gate(lambda actor, action: Opinion.DENY if actor == "eve" else Opinion.ALLOW)
    desk = open_desk("memory:", authoriser=gate)
    inc = desk.declare("Down")
    desk.as_("ana").start(inc, by="bob")
    assert gate.asked[-2:] == [
        ("ana", "start", "incident/INC-1"),
        ("bob", "start", "incident/INC-1"),
    ]
    for actor, by in (("ana", "eve"), ("eve", "ana")):
        with pytest.raises(NotAuthorised, match="eve may not"):
            desk.as_(actor).note(inc, "hello", by=by)


def test_the_other_doors_are_guarded_too(open_desk: Open) -> None:
    gate = Gate(lambda actor, action: Opinion.DENY)
    desk = open_desk("memory:", authoriser=gate).as_("ana")
    for act in (
        lambda: desk.receive("generic", "{}"),
        lambda: desk.report("x", reporter="ana"),
        lambda: desk.adopt({}),
        lambda: desk.tasks(),
        lambda: desk.retry("x"),
        lambda: desk.seal(),
        lambda: desk.verify(),
    ):
        with pytest.raises(NotAuthorised):
            act()
    assert {action for _, action, _ in gate.asked} == {
        "receive", "adopt_policy", "read", "retry", "seal", "verify",
    }  # fmt: skip


# --- scopes ---------------------------------------------------------------------------------------

SCOPES = {
    "web": Condition.parse('service == "web"'),
    "urgent": Condition.parse('priority in ["P1", "P2"] and not service == "secret"'),
    "nothing": None,
}


def scoped(actor: str, kind: str) -> Any:
    return SCOPES.get(actor, ALWAYS)


@pytest.fixture
def desk(open_desk: Open, url: str) -> Any:
    desk = open_desk(url, authoriser=Gate(scope=scoped), channels={"sms": world.pager()})
    desk.declare("Web is down", service="web", **URGENT)
    desk.declare("Mail is down", service="mail", **URGENT)
    desk.declare("Secret", service="secret", **URGENT)
    desk.declare("A scratch", service="web", impact="low", urgency="low")
    return desk


@pytest.mark.parametrize(
    ("actor", "seen"),
    [
        ("web", {"INC-1", "INC-4"}),
        ("urgent", {"INC-1", "INC-2"}),
        ("nothing", set()),
        ("anybody", {"INC-1", "INC-2", "INC-3", "INC-4"}),
    ],
)
def test_a_scope_reaches_find_count_and_get(desk: Any, actor: str, seen: set[str]) -> None:
    mine = desk.as_(actor)
    assert {each.ref for each in mine.find().items} == seen
    assert mine.count() == len(seen)
    assert mine.count(service="web") == len(seen & {"INC-1", "INC-4"})
    for ref in ("INC-1", "INC-2", "INC-3", "INC-4"):
        if ref in seen:
            assert mine.incident(ref).ref == ref
            continue
        for read in (mine.get, mine.journal, mine.timeline, mine.explain, mine.deliveries):
            with pytest.raises(NotFound) as outside:
                read(ref)
            with pytest.raises(NotFound) as missing:
                read("INC-99")
            assert str(outside.value) == str(missing.value).replace("INC-99", ref)


def test_an_id_opens_no_door_either(desk: Any) -> None:
    hidden = desk.incident("INC-2")
    for name in (hidden, hidden.id, f"incident/{hidden.id}"):
        with pytest.raises(NotFound):
            desk.as_("web").get(name)


def test_pages_of_a_scope_are_whole(desk: Any) -> None:
    mine = desk.as_("web")
    first = mine.find(limit=1, order="ref", descending=False)
    second = mine.find(limit=1, order="ref", descending=False, after=first.next)
    assert [each.ref for each in (*first.items, *second.items)] == ["INC-1", "INC-4"]


def test_two_scopes_narrow_each_other(open_desk: Open) -> None:
    gate = Gate(scope=lambda actor, kind: SCOPES["urgent"])
    other = Gate(scope=lambda actor, kind: SCOPES["web"], name="other")
    desk = open_desk("memory:", authoriser=gate, plugins=[Bringing(other)])
    for service in ("web", "mail"):
        desk.declare(service, service=service, **URGENT)
    assert [each.ref for each in desk.find().items] == ["INC-1"]
    silent = open_desk(
        "memory:", authoriser=gate, plugins=[Bringing(Gate(scope=lambda actor, kind: None))]
    )
    silent.declare("web", service="web", **URGENT)
    assert silent.count() == 0, "one that shows nothing shows nothing"


def test_a_scope_that_no_store_can_be_asked_is_an_error_and_no_open_door(open_desk: Open) -> None:
    scope = Condition.parse('title contains "web"')
    desk = open_desk("memory:", authoriser=Gate(scope=lambda actor, kind: scope))
    desk.declare("web")
    with pytest.raises(ConditionError):
        desk.find()


# --- when it fails --------------------------------------------------------------------------------


class Story:
    """An incident that ana was paged for and bob was told of; then the authoriser goes down."""

    def __init__(self, open_desk: Open, url: str = "memory:") -> None:
        self.gate, self.sms = Gate(), world.pager("sms", MessageKind.PAGE)
        self.post = world.pager("post", MessageKind.NOTICE)
        policy = {"audiences": {"stakeholders": {"members": ["bob"]}}}
        self.desk = open_desk(
            url,
            authoriser=self.gate,
            channels={"sms": self.sms, "post": self.post},
            policy=policy,
            time=ManualTime(),
        )
        self.desk.declare("Down", assign="ana", **URGENT)
        self.desk.run_due()
        assert (world.said(self.sms), world.said(self.post)) == (["ana"], ["bob"])
        self.gate.failing = True


def test_ones_own_page_can_be_acknowledged_and_that_is_journaled(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    found = story.desk.as_("ana").acknowledge("INC-1")
    assert found.life.response == "acknowledged"
    story.gate.failing = False
    journal = story.desk.journal("INC-1")
    broken = next(x for x in journal if x.kind == "noted")
    assert (broken.recorded.by, broken.recorded.event.text) == (
        "system",
        f"acknowledge by ana: {BROKEN_GLASS}",
    )
    assert journal.index(broken) < [x.kind for x in journal].index("acknowledged")


@pytest.mark.parametrize("action", ["start", "mitigate"])
def test_break_glass_is_for_who_was_paged(open_desk: Open, action: str) -> None:
    story = Story(open_desk)
    for stranger in ("mallory", "bob"):
        with pytest.raises(NotFound):  # for all that can be known, it is hidden from them
            getattr(story.desk.as_(stranger), action)("INC-1")
    assert getattr(story.desk.as_("ana"), action)("INC-1").active


def test_everything_else_is_refused_and_reads_are_closed(open_desk: Open, url: str) -> None:
    story = Story(open_desk, url)
    mine = story.desk.as_("ana")
    for act in (
        lambda: mine.declare("Another"),
        lambda: mine.resolve("INC-1", code="fixed", remedy="x"),
        lambda: mine.cancel("INC-1", why="x"),
        lambda: mine.assign("INC-1", "bob"),
        lambda: mine.tasks(),
    ):
        with pytest.raises(NotAuthorised, match="could not be asked"):
            act()
    for read in (mine.get, mine.journal, mine.deliveries):
        with pytest.raises(NotFound):
            read("INC-1")
    assert (mine.find().items, mine.count()) == ((), 0)
    assert {fault.plugin for fault in mine.faults} == {"gate"}


def test_a_denial_is_not_undone_by_another_ones_failure(open_desk: Open) -> None:
    broken = Gate(name="broken")
    desk = open_desk(
        "memory:",
        authoriser=Gate(lambda actor, action: Opinion.DENY if actor == "ana" else Opinion.ALLOW),
        plugins=[Bringing(broken)],
        channels={"sms": world.pager()},
    )
    desk.declare("Down", assign="ana", **URGENT)
    broken.failing = True
    with pytest.raises(NotAuthorised, match="house rule"):
        desk.as_("ana").acknowledge("INC-1")


def test_pages_go_out_while_nobody_can_be_asked(open_desk: Open) -> None:
    story = Story(open_desk)
    story.desk.ports.time.move(minutes=5)
    story.desk.run_due()
    assert sorted(world.said(story.sms)) == ["ana", "ana", "on-call"]
