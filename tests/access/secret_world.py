"""A tenant with secrets in it, and an oracle that was written by hand and reads no code of ours.

Every incident carries a word that nobody can guess, in every place where words can stand.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, cast

import attrs

from incidentkit import (
    LinkKind,
    LinkTo,
    ManualTime,
    OpenReview,
    RaiseProblem,
    SetLabel,
    TakeRole,
    Watch,
)
from tests.flows import world

WORK = ("report", "follow", "comment", "respond")
"""What those who respond may do; nobody may break the glass here."""

POLICY: dict[str, Any] = {
    "review": {"when": "true"},
    "access": {
        "on": True,
        "everybody": "",
        "teams": {"lawyers": ["tess", "lea"]},
        "roles": {
            "viewer": {"members": ["vic", "tess", "pat"]},
            "customer": {"members": ["cleo"], "may": ["report"], "label": "clear"},
            "responder": {"members": ["rob"], "may": [*WORK]},
            "manager": {"members": ["mia"], "may": [*WORK, "manage", "custody"]},
            "admin": {"members": ["adam"]},
            "counsel": {
                "members": ["lea"],
                "may": [*WORK],
                "label": "amber",
                "compartments": ["legal"],
            },
        },
    },
}
LEVELS = {"clear": 0, "green": 1, "amber": 2, "amber+strict": 3, "red": 4}
CLEARED = {"vic": 1, "tess": 1, "pat": 1, "rob": 2, "lea": 2, "mia": 3, "adam": 4}
ACTORS = (*CLEARED, "nick")
TEAMS = {"tess": {"lawyers"}, "lea": {"lawyers"}}


@attrs.frozen
class Spec:
    """One incident as the oracle knows it."""

    level: str = ""
    compartments: tuple[str, ...] = ()
    private: bool = False
    admits: tuple[str, ...] = ()
    assignee: str = ""
    watcher: str = ""
    scribe: str = ""


SPECS = (
    Spec(),
    Spec(assignee="nick"),
    Spec("clear"),
    Spec("green"),
    Spec("amber"),
    Spec("amber", watcher="vic"),
    Spec("amber+strict"),
    Spec("amber+strict", scribe="pat"),
    Spec("red"),
    Spec("red", assignee="rob"),
    Spec("green", ("legal",)),
    Spec("green", ("legal",), assignee="rob"),
    Spec("amber", ("legal", "patients")),
    Spec("red", ("legal",), watcher="lea"),
    Spec(private=True),
    Spec(private=True, admits=("lawyers",)),
    Spec(private=True, admits=("nick",)),
    Spec(private=True, assignee="vic"),
    Spec(private=True, scribe="mia"),
    Spec("red", private=True, watcher="pat"),
    Spec("green", ("legal",), private=True, admits=("lawyers",)),
)


def may_see(actor: str, spec: Spec) -> bool:
    """The oracle: the words of `docs/how-to/control-access.md`, one after the other."""
    if actor in ("system", "adam"):
        return True
    cleared_for = {"legal"} if actor == "lea" else set[str]()
    if not set(spec.compartments) <= cleared_for:
        return False
    names = {actor, *TEAMS.get(actor, ())}
    if names & {spec.assignee, spec.watcher, spec.scribe, *spec.admits}:
        return True
    if actor not in CLEARED or spec.private:
        return False
    return not spec.level or LEVELS[spec.level] <= CLEARED[actor]


@attrs.define
class Hidden:
    """One incident of the world: its references, and the word that must not get out."""

    spec: Spec
    ref: str
    id: str
    word: str
    attachment: str
    beside: list[str] = attrs.field(factory=list[str])
    messages: list[str] = attrs.field(factory=list[str])


class World:
    """The tenant, filled."""

    def __init__(self, desk: Any, seed: int) -> None:
        self.desk = desk
        self.random = random.Random(seed)
        self.all: list[Hidden] = []
        for number, spec in enumerate(SPECS):
            self.all.append(self._made(number, spec))
        for one, two in zip(self.all, self.all[1:], strict=False):
            desk.execute(LinkTo(one.ref, LinkKind.RELATED, two.ref))
        desk.run_due()
        for each in self.all:
            self._closed(each)

    def _made(self, number: int, spec: Spec) -> Hidden:
        desk, word = self.desk, f"zq{self.random.getrandbits(64):016x}"
        if number % 3 == 0:
            sent = world.alert(word)
            sent["labels"]["service"] = word
            received = desk.receive("alertmanager", world.payload(sent, group=word))
            (ref,) = received.opened
            desk.triage(ref, impact="high", urgency="high", by="system")
        else:
            ref = desk.declare(f"Trouble {word}", summary=f"about {word}", **world.URGENT).ref
        desk.note(ref, f"a note on {word}")
        _ = desk.report(f"Report {word}", reporter="cleo", text=word, incident=ref)
        attached = desk.attach(ref, f"{word}.txt", word.encode())
        hidden = Hidden(spec, ref, attached.id, word, "A1")
        if number % 2 == 0:
            problem = desk.execute(RaiseProblem(f"Problem {word}", incident=ref))
            hidden.beside.append(problem.ref)
        if spec.assignee:
            desk.assign(ref, spec.assignee)
        if spec.watcher:
            desk.execute(Watch(ref, party=spec.watcher))
        if spec.scribe:
            desk.execute(TakeRole(ref, role="scribe", holder=spec.scribe))
        desk.reply(ref, f"told about {word}")
        return hidden

    def _closed(self, each: Hidden) -> None:
        desk, spec = self.desk, each.spec
        if len(each.beside) == 1:
            desk.resolve(each.ref, code="fixed", remedy=f"mended {each.word}", override="tested")
            each.beside.append(desk.execute(OpenReview(each.ref)).ref)
        each.beside += [x.ref for x in desk.reports(each.ref)]
        each.messages += [x.id for x in desk.deliveries(each.ref)]
        if spec.level:
            desk.execute(SetLabel(each.ref, spec.level, spec.compartments))
        if spec.private:
            desk.make_private(each.ref, reason=f"because of {each.word}", admits=spec.admits)

    def closed_to(self, actor: str) -> list[Hidden]:
        """What the oracle says the actor may not see."""
        return [x for x in self.all if not may_see(actor, x.spec)]

    def open_to(self, actor: str) -> list[Hidden]:
        """What the oracle says the actor may see."""
        return [x for x in self.all if may_see(actor, x.spec)]


def opened(open_desk: Any, url: str, seed: int, **more: Any) -> World:
    """A desk with the world in it."""
    desk = open_desk(
        url,
        policy={**POLICY, **more},
        channels={"sms": world.pager("sms")},
        time=ManualTime(),
        blobs="memory:",
    )
    return World(desk, seed)


def everything_in(value: object) -> str:
    """Every text in a value, however deep, whatever its own `repr` leaves out."""
    found: list[str] = []
    _gather(value, found)
    return "\n".join(found)


def _gather(value: Any, found: list[str]) -> None:
    if isinstance(value, BaseException):
        found += [str(value), repr(value)]
        _gather((value.args, vars(value), value.__cause__), found)
        if not value.__suppress_context__:
            _gather(value.__context__, found)
    elif isinstance(value, bytes):
        found.append(value.decode("utf-8", "replace"))
    elif isinstance(value, str | Enum):
        found.append(str(value))
    elif isinstance(value, Mapping):
        for key, each in cast("Mapping[Any, Any]", value).items():
            _gather((key, each), found)
    elif attrs.has(value.__class__):
        found.append(str(value))
        for field in attrs.fields(cast("Any", type(value))):
            _gather(getattr(value, field.name), found)
    elif isinstance(value, Iterable):
        for each in cast("Iterable[Any]", value):
            _gather(each, found)
    elif value is not None:
        found.append(repr(value))
