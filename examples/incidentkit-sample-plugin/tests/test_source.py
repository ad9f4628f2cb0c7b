"""The source, by itself and through a desk."""

from __future__ import annotations

import pytest
from incidentkit_sample import Pingbot

from incidentkit import Desk, FrozenMap, Rejected, SourceRequest
from incidentkit.errors import InvalidValue, NotFound


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PINGBOT_SECRET", "s3cret")
    with Desk.open("memory:") as desk:
        yield desk


def sent(body: bytes, secret: str = "s3cret") -> dict[str, object]:
    return {"body": body, "headers": {"X-Pingbot-Signature": Pingbot(secret).sign(body)}}


def test_down_opens_and_up_clears(desk: Desk) -> None:
    received = desk.receive("pingbot", **sent(b"DOWN db-1 timed out\nUP web-1\n"))
    assert received.opened == ("INC-1",)
    assert desk.incident("INC-1").title == "db-1 does not answer"
    assert desk.incident("INC-1").ties.firing == 1
    assert desk.receive("pingbot", **sent(b"DOWN db-1 timed out")).repeats == 1
    desk.receive("pingbot", **sent(b"UP db-1"))
    assert desk.incident("INC-1").ties.firing == 0


def test_what_is_not_signed_is_not_read(desk: Desk) -> None:
    for given in (sent(b"DOWN db-1", "guessed"), {"body": b"DOWN db-1", "headers": {}}):
        received = desk.receive("pingbot", **given)
        assert received.opened == ()
        assert received.rejected[0][0] == "headers"
    assert desk.count() == 0


@pytest.mark.parametrize(
    "line", [b"", b"\xff\xfe", b"DOWN", b"DOWN  ", b"SIDEWAYS db-1", b"DOWN " + b"x" * 5000]
)
def test_junk_is_rejected_and_never_raised(line: bytes) -> None:
    source = Pingbot("s3cret")
    body = line + b"\nDOWN db-1"
    request = SourceRequest(body, FrozenMap({"x-pingbot-signature": source.sign(body)}))
    *junk, good = source.parse(request)
    assert all(isinstance(each, Rejected) for each in junk)
    assert not isinstance(good, Rejected)


def test_without_a_secret_there_is_no_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PINGBOT_SECRET", raising=False)
    with Desk.open("memory:") as desk, pytest.raises(NotFound, match="pingbot"):
        desk.receive("pingbot", b"DOWN db-1")
    with pytest.raises(InvalidValue, match="blank"):
        Pingbot(" ")
