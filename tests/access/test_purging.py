"""What was kept long enough goes, by a stated count, and never from under a legal hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import LiftLegalHold, ManualTime, MemoryStore, PlaceLegalHold, SetLabel
from incidentkit.errors import InvalidValue, NotAuthorised, StoreError
from tests.access.secret_world import everything_in
from tests.desk.stores import Wrapped
from tests.flows import world

Open = Callable[..., Any]
YEAR = timedelta(days=365)
ROLES: dict[str, Any] = {"manager": {"members": ["mia"]}, "responder": {"members": ["rob"]}}
POLICY: dict[str, Any] = {"access": {"on": True, "everybody": "", "roles": ROLES}}


def opened(open_desk: Open, url: str = "memory:", **more: Any) -> Any:
    channels = {"sms": world.pager()}
    return open_desk(url, policy=POLICY, channels=channels, time=ManualTime(), **more)


def over(desk: Any, word: str) -> str:
    """An incident that was reported, talked about, and closed."""
    ref: str = desk.report(f"About {word}", reporter="rob", text=f"text of {word}").ref
    desk.reply(ref, f"reply on {word}")
    desk.note(ref, f"note on {word}")
    desk.run_due()
    desk.close(ref, code="fixed", remedy=f"mended {word}", override="tested")
    return ref


def everything(desk: Any, ref: str) -> str:
    told = (desk.journal(ref), desk.timeline(ref), desk.deliveries(ref), desk.reports(ref))
    return everything_in((told, desk.find().items and desk.incident(ref).title))


def test_nothing_goes_without_the_stated_count(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url)
    one, two, kept = (over(desk, x) for x in ("swordfish", "marlin", "tuna"))
    desk.execute(PlaceLegalHold(kept, reason="claim 7"))
    desk.ports.time.move(days=400)
    early = desk.purge(YEAR, reason="three years")
    assert early.incidents == (), "nothing is sealed yet"
    assert dict(early.left_out)[one] == "its journal is not sealed yet"
    desk.seal()
    young = over(desk, "herring")
    dry = desk.purge(YEAR, reason="three years")
    assert (set(dry.incidents), dry.done) == ({one, two}, False)
    assert [ref for ref, _ in dry.left_out] == [kept]
    assert "claim 7" in dry.left_out[0][1]
    assert "swordfish" in everything(desk, one)
    with pytest.raises(InvalidValue, match="is 1, but 2 are due; nothing was purged"):
        desk.purge(YEAR, reason="three years", expect=1)
    assert "swordfish" in everything(desk, one)
    done = desk.purge(YEAR, reason="three years", expect=2, by="mia")
    assert (set(done.incidents), done.entries, done.done) == ({one, two}, dry.entries, True)
    desk.run_due()
    for ref, word in ((one, "swordfish"), (two, "marlin")):
        assert word not in everything(desk, ref)
        assert any("mia redacted" in str(x) and "three years" in str(x) for x in desk.timeline(ref))
    assert desk.search("swordfish").items == ()
    assert "tuna" in everything(desk, kept)
    assert "herring" in everything(desk, young)
    assert desk.verify().problems == ()
    desk.ports.time.move(days=400)
    desk.seal()
    assert desk.purge(YEAR, reason="again").incidents == (young,), "what is gone is not due again"
    desk.execute(LiftLegalHold(kept, reason="settled"))
    desk.ports.time.move(days=400)
    desk.seal()
    assert set(desk.purge(YEAR, reason="again").incidents) == {kept, young}


def test_purging_is_for_those_who_have_custody(open_desk: Open) -> None:
    desk = opened(open_desk)
    hidden = over(desk, "swordfish")
    desk.execute(SetLabel(hidden, "red", reason="names"))
    desk.seal()
    desk.ports.time.move(days=400)
    with pytest.raises(NotAuthorised):
        desk.as_("rob").purge(YEAR, reason="three years")
    found = desk.as_("mia").purge(YEAR, reason="three years")
    assert (found.incidents, found.left_out) == ((), ()), "what one does not see is not counted"
    for wrong in ({"older_than": -YEAR, "reason": "x"}, {"older_than": YEAR, "reason": " "}):
        with pytest.raises(InvalidValue):
            desk.purge(**wrong)


class Forgetting(Wrapped):
    """A store that takes no line about who read."""

    def commit(self, batch: Any) -> Any:
        if any(put.row.kind == "readings" for put in batch.puts):
            raise StoreError("the disk is full")
        return self.inner.commit(batch)


def test_a_read_is_answered_where_its_line_cannot_be_written() -> None:
    from incidentkit import Desk

    policy = {"access": {"read_audit": "amber"}}
    desk = Desk.open(store=Forgetting(MemoryStore()), policy=policy, time=ManualTime())
    ref = desk.declare("Down").ref
    desk.execute(SetLabel(ref, "red"))
    assert desk.as_("ana").incident(ref).title == "Down"
    (fault,) = [x for x in desk.faults if x.plugin == "access"]
    assert f"ana read {ref}" in str(fault.problem)
    assert "the disk is full" in str(fault.problem)
