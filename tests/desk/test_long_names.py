"""Keys and request ids of any length: every store takes them, and knows them again."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from incidentkit import Desk
from incidentkit.errors import LimitExceeded
from tests.stores.for_desks import STORES, fresh

CHANCE = Random(7)


def wide(count: int) -> str:
    """Characters of four bytes that no index can compress."""
    return "".join(chr(CHANCE.randrange(0x20000, 0x2A6D0)) for _ in range(count))


@pytest.mark.parametrize("name", list(STORES))
def test_the_longest_that_others_send(name: str, tmp_path: Path) -> None:
    alert = {"title": "Disk full", "key": wide(1_000), "severity": "critical"}
    request = wide(3_000)
    with fresh(name, tmp_path) as url, Desk.open(url, channels={"sms": lambda m: None}) as desk:
        body = json.dumps(alert).encode()
        assert desk.receive("generic", body).opened == ("INC-1",)
        assert desk.receive("generic", body).repeats == 1
        other = json.dumps({**alert, "key": alert["key"][:-1]}).encode()
        assert desk.receive("generic", other).opened == ("INC-2",)
        first = desk.declare("Mail is down", request=request)
        assert desk.declare("Mail is down", request=request).ref == first.ref
        assert desk.declare("Mail is down", request=request[:-1]).ref != first.ref
        far = desk.tenant(wide(256))
        party = wide(256)
        inc = far.declare("Down", service=wide(256), assign=party, impact="high", urgency="high")
        far.run_due()
        assert [x.state.value for x in far.deliveries(inc)] == ["sent"]
        assert far.find(assignee=party).items[0].ref == "INC-1"
        assert desk.verify().problems == ()
        assert far.verify().problems == ()


def test_what_no_index_holds_is_refused_for_every_store_alike(tmp_path: Path) -> None:
    with Desk.open("memory:") as desk, pytest.raises(LimitExceeded, match="256 are kept"):
        desk.tenant("x" * 257)
