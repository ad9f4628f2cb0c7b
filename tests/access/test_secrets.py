"""Twenty secrets go through the whole library, at DEBUG, with sends that fail: none gets out.

Searched are logs, tracebacks with the locals of every frame, `repr`, JSON, pickles, journals, the
queue, faults, and the bytes of the store.
"""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incidentkit import ManualTime, MessageKind, Secret, SourceRequest
from incidentkit.errors import InvalidValue
from incidentkit.flows.kinds import CAPTURE
from incidentkit.flows.reading import whole
from incidentkit.model.frozen import FrozenMap
from incidentkit.ports.rows import TaskQuery
from incidentkit.ports.secret import LONGEST, without_password
from incidentkit.sources.alertmanager import Alertmanager
from incidentkit.sources.generic import GenericJson
from tests.flows import world

Open = Callable[..., Any]
CANARIES = tuple(f"canary-{number:02}-5f1c9e" for number in range(20))


def told(error: BaseException) -> str:
    """A traceback with the locals of every frame."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(shown.format())


def test_a_secret_is_shown_nowhere() -> None:
    secret = Secret(CANARIES[0])
    for text in (
        repr(secret),
        str(secret),
        f"{secret} {secret!r} {secret:>20}",
        "%s" % secret,  # noqa: UP031  (the way loggers write)
        repr({"token": secret}),
        json.dumps({"token": secret}, default=str),
        repr(Alertmanager(token=secret)),
    ):
        assert "canary" not in text
    with pytest.raises(TypeError, match="cannot be pickled"):
        _ = pickle.dumps(secret)
    with pytest.raises(TypeError, match="not JSON serializable"):
        _ = json.dumps(secret)
    assert copy.copy(secret) is secret is copy.deepcopy(secret)
    assert not hasattr(secret, "__dict__")


def test_it_is_compared_without_being_shown() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert Secret("\u00e9").matches("\u00e9")
    assert Secret("a").matches(b"a")
    assert not Secret("a").matches("\ud800")


def test_references(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IK_TOKEN", CANARIES[1])
    file = tmp_path / "token"
    file.write_text(CANARIES[2] + "\n")
    assert Secret.of("env:IK_TOKEN").reveal() == CANARIES[1]
    found = Secret.of(f"file:{file}")
    assert found.reveal() == CANARIES[2]
    file.write_text(CANARIES[3])
    assert found.reveal() == CANARIES[3], "a file may be changed in place"
    assert Secret.of(found) is found
    assert Secret.of("plain").reveal() == "plain"
    assert Alertmanager(token="env:IK_TOKEN").token == Secret(CANARIES[1])


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("env:IK_NOT_SET", "env:IK_NOT_SET is not set"),
        ("file:/nowhere/at/all", "cannot be read: No such file"),
        ("", "is blank"),
        (" ", "is blank"),
        ("a\0", "no secret"),
        ("x" * (LONGEST + 1), "no secret"),
        (5, "must be text"),
    ],
)
def test_what_is_no_secret(given: Any, problem: str) -> None:
    with pytest.raises(InvalidValue, match=problem):
        _ = Secret.of(given)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidValue, match="not UTF-8"):
        _ = Secret.of(f"file:{tmp_path}/bytes")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://app:hunter2@db/x", "postgresql://app:***@db/x"),
        ("postgresql://app@db/x?sslpassword=hunter2&a=1", "postgresql://app@db/x?sslpassword=***&a=1"),
        ("sqlite:///a.db", "sqlite:///a.db"),
    ],
)  # fmt: skip
def test_addresses_without_their_passwords(url: str, shown: str) -> None:
    assert without_password(url) == shown


class Failing:
    """A channel with a password, whose sends fail and say so in the worst way."""

    kinds = frozenset(MessageKind)

    def __init__(self, name: str, password: Secret) -> None:
        self.name = name
        self.password = password
        self.errors: list[BaseException] = []

    def send(self, message: Any) -> None:
        try:
            raise ConnectionError(f"cannot log in with {self.password}")
        except ConnectionError as error:
            self.errors.append(error)
            raise


def test_twenty_canaries_through_the_library(
    open_desk: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []
    channels = {f"c{n}": Failing(f"c{n}", Secret(CANARIES[n])) for n in range(8)}
    sources: list[Any] = [
        *(Alertmanager(name=f"a{n}", token=CANARIES[n]) for n in range(8, 14)),
        *(GenericJson(name=f"g{n}", token=Secret(CANARIES[n])) for n in range(14, 20)),
    ]
    desk = open_desk(
        f"sqlite:///{tmp_path}/incidents.db",
        channels=channels,
        sources=sources,
        time=ManualTime(),
    )
    for number, source in enumerate(sources, 8):
        wrong = {"authorization": "Bearer wrong"}
        right = {"authorization": f"Bearer {CANARIES[number]}"}
        for body in (world.payload(world.alert(f"n{number}")), "{", "[1]"):
            for headers in (wrong, right):
                seen += [repr(desk.receive(source.name, body, headers=headers))]
        request = SourceRequest(b"{", FrozenMap(right))
        seen += [repr(request), repr(source), repr(source.parse(request))]
    desk.declare("Down", assign="ana", **world.URGENT)
    for _ in range(4):
        desk.run_due()
        desk.ports.time.move(minutes=20)
    with pytest.raises(InvalidValue) as refused:
        open_desk(f"postgresql://app:{CANARIES[0]}@db/x", store=object())
    seen.append(str(refused.value))
    for channel in channels.values():
        assert channel.errors
        seen += [told(error) for error in channel.errors]
    for incident in desk.find(limit=100).items:
        seen += [repr(desk.journal(incident)), repr(incident), repr(desk.deliveries(incident))]
        seen.append(repr(pickle.dumps(incident)))
    seen += [repr(desk.tasks(TaskQuery(limit=1000))), repr(desk.faults), repr(desk.diagnose())]
    seen += [record.getMessage() for record in caplog.records]
    desk.disconnect()
    seen += [x.read_bytes().decode("latin-1") for x in tmp_path.iterdir()]
    assert not [each for each in seen if "canary-" in each]
    assert any("cannot log in with Secret(***)" in each for each in seen)


def test_a_capture_holds_no_token_that_answers(open_desk: Open, url: str) -> None:
    sms = world.pager("sms")
    desk = open_desk(url, channels={"sms": sms}, time=ManualTime())
    desk.declare("Down", assign="ana", **world.URGENT)
    desk.run_due()
    token = sms.messages[0].answer_token
    assert token not in repr(sms.messages[0])
    taken = desk.receive("sms", json.dumps({"type": "acknowledge", "token": token}))
    odd = desk.receive("generic", json.dumps({"type": "answer", "token": token, "verb": "nod"}))
    assert desk.incident("INC-1").life.response == "acknowledged"
    for received in (taken, odd):
        entries = desk.run(lambda id_=received.capture: whole(CAPTURE.name, id_))
        assert token not in repr(entries)
        body, digest = entries[0].recorded.event.body, entries[0].recorded.event.digest
        assert '"token": "***"' in body
        assert len(digest) == 64
    again = desk.receive("sms", json.dumps({"type": "acknowledge", "token": "guessed"}))
    assert "guessed" not in repr(again)
