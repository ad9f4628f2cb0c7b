"""Under what conditions a command is carried out, for whom, and how often.

Guarded here: a command bound to a version is not decided on another one; a repeated request changes
nothing; who did it and for whom is written down.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incidentkit import AddNote, Start
from incidentkit.errors import InvalidValue, RequestReused, TransitionNotAllowed, VersionMismatch

Open = Callable[..., Any]


def test_a_command_bound_to_a_version_is_not_decided_on_another(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    inc = desk.declare("Down")
    note = AddNote(inc.ref, text="as I see it", if_version=inc.version)
    found = desk.execute(note)
    assert found.version == inc.version + 1
    with pytest.raises(VersionMismatch) as error:
        desk.execute(note)
    assert (error.value.expected, error.value.current) == (inc.version, found.version)
    assert desk.incident(inc).version == found.version


def test_a_desk_has_one_store(open_desk: Open, url: str, tmp_path: Path) -> None:
    store = open_desk(url).ports.store
    with pytest.raises(InvalidValue, match="a desk has one of the two"):
        open_desk(f"sqlite:///{tmp_path}/other.db", store=store)
    assert not (tmp_path / "other.db").exists()


def test_a_mismatch_is_found_though_the_record_is_remembered(open_desk: Open, url: str) -> None:
    """Another process changed it: what this desk remembers of the record is no proof."""
    desk = open_desk(url)
    inc = desk.declare("Down")
    other = open_desk(store=desk.ports.store)
    changed = other.note(inc, "from elsewhere")
    with pytest.raises(VersionMismatch):
        desk.execute(Start(inc.ref, if_version=inc.version))
    assert desk.execute(Start(inc.ref, if_version=changed.version)).status == "in_progress"


def test_a_refusal_rests_on_the_record_as_it_stands(open_desk: Open) -> None:
    desk = open_desk("memory:")
    inc = desk.declare("Down")
    desk.resolve(inc, code="fixed", remedy="x")
    other = open_desk(store=desk.ports.store)
    other.reopen(inc, reason="again")
    assert desk.mitigate(inc).status == "mitigated", "it is resolved only in our memory"
    other.resolve(inc, code="fixed", remedy="x")
    with pytest.raises(TransitionNotAllowed):
        desk.start(inc)


def test_a_replay_gives_the_record_of_the_first_call(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    first = desk.declare("Down", request="r-1")
    desk.declare("Other")
    assert desk.declare("Down", request="r-1").ref == first.ref
    with pytest.raises(RequestReused, match="r-1"):
        desk.declare("Down again", request="r-1")
    assert desk.count() == 2


def test_a_refused_request_id_may_be_used_again(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    inc = desk.declare("Down")
    with pytest.raises(TransitionNotAllowed):
        desk.resume(inc, request="r-1")
    desk.hold(inc, reason="vendor", court="acme")
    assert desk.resume(inc, request="r-1").status == "new"


def test_a_replay_by_another_desk(open_desk: Open, tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/i.db"
    first = open_desk(url)
    inc = first.declare("Down")
    first.resolve(inc, code="fixed", remedy="x", request="r-1")
    first.disconnect()
    second = open_desk(url)
    assert second.resolve(inc, code="fixed", remedy="x", request="r-1").status == "resolved"


def last(desk: Any, of: Any) -> tuple[str, str]:
    recorded = desk.journal(of)[-1].recorded
    return recorded.by, recorded.on_behalf_of


def test_who_did_it_and_for_whom(open_desk: Open, url: str) -> None:
    desk = open_desk(url)
    inc = desk.declare("Down")
    desk.note(inc, "one")
    assert last(desk, inc) == ("system", "")
    desk.note(inc, "two", by="ana")
    assert last(desk, inc) == ("ana", ""), "what the host passes on is its author's own doing"
    bob = desk.as_("bob")
    bob.note(inc, "three")
    assert last(desk, inc) == ("bob", "")
    bob.note(inc, "four", by="ana")
    assert last(desk, inc) == ("bob", "ana")
    assert "bob for ana noted: four" in str(desk.timeline(inc)[-1])
    assert (bob.actor, desk.actor, bob.tenant_name) == ("bob", "system", "main")


def test_acknowledging_for_another_is_the_others_lease(open_desk: Open) -> None:
    desk = open_desk("memory:").as_("bob")
    inc = desk.acknowledge(desk.declare("Down"), by="ana")
    assert [lease.holder for lease in inc.attention.leases] == ["ana"]
