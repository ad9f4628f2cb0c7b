"""Two tenants with the same ids, references, keys and names: nothing crosses between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import LinkKind, LinkTo, ManualTime, RaiseProblem
from incidentkit.errors import IncidentKitError
from tests.access import entry_points as ways
from tests.access.secret_world import Hidden, Spec, everything_in
from tests.flows import world

Open = Callable[..., Any]


class SameIds:
    """Gives both tenants the same ids, because each asks in the same order."""

    def __init__(self) -> None:
        self.count = 0

    def new_id(self) -> str:
        self.count += 1
        return f"id-{self.count:06}"

    def new_token(self) -> str:
        return f"token-{self.new_id()}"

    def new_salt(self) -> str:
        return f"{self.count:032x}"


def filled(desk: Any, ids: SameIds, word: str) -> Hidden:
    ids.count = 0
    sent = world.alert("same")
    sent["annotations"]["summary"] = f"Trouble {word}"
    (ref,) = desk.receive("alertmanager", world.payload(sent, group="same")).opened
    desk.triage(ref, impact="high", urgency="high")
    desk.note(ref, f"a note on {word}")
    _ = desk.report(f"Report {word}", reporter="cleo", text=word, incident=ref)
    found = desk.attach(ref, "same.txt", word.encode())
    problem = desk.execute(RaiseProblem(f"Problem {word}", incident=ref))
    return Hidden(Spec(), ref, found.id, word, "A1", [problem.ref])


def test_nothing_crosses(open_desk: Open, url: str) -> None:
    ids = SameIds()
    desk = open_desk(
        url, channels={"sms": world.pager("sms")}, time=ManualTime(), ids=ids, blobs="memory:"
    )
    words = {"main": "zqwordofmain", "other": "zqwordofother"}
    made = {name: filled(desk.tenant(name), ids, word) for name, word in words.items()}
    assert made["main"].ref == made["other"].ref
    assert made["main"].id == made["other"].id, "the point of this test"

    class Chance:
        """Stands where the world of secrets has its dice."""

        random = ways.SEED(1)
        all = (made["main"],)

    chance: Any = Chance
    for name, other in (("main", "other"), ("other", "main")):
        here, hidden = desk.tenant(name), made[name]
        for way, call in ways.RULED.items():
            if way in ("merge", "adopt", "seal"):
                continue
            for called in (hidden.ref, hidden.id):
                try:
                    said = everything_in(call(here, called, hidden, chance))
                except IncidentKitError as error:
                    said = everything_in(error)
                assert words[other] not in said, (name, way)
    here, there = (len(desk.tenant(name).journal(made[name].ref)) for name in words)
    assert min(here, there) > 5


def test_a_reference_does_not_reach_into_another_tenant(open_desk: Open, url: str) -> None:
    desk = open_desk(url, time=ManualTime())
    one, two = desk.tenant("one"), desk.tenant("two")
    mine = one.declare("Mine")
    _ = two.declare("Theirs"), two.declare("Theirs")
    theirs = two.declare("Theirs")
    for name in (theirs.ref, theirs.id, f"incident/{theirs.id}"):
        with pytest.raises(IncidentKitError):
            one.execute(LinkTo(mine.ref, LinkKind.RELATED, name))
        with pytest.raises(IncidentKitError):
            one.note(name, "x")
    assert two.count() == 3
