"""The channel against a real server on the loopback address."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from incidentkit_sample import PostChannel

from incidentkit import Desk, ManualTime
from incidentkit.errors import InvalidValue


class Receiver:
    """Answers as it is told and remembers what came."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, Any], str]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.came.append((json.loads(body), self.headers["Idempotency-Key"]))
                status, headers = (
                    receiver.answers.pop(0) if receiver.answers else (200, {"X-Message-Id": "m-1"})
                )
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))

    def __enter__(self) -> Receiver:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Receiver() as receiver:
        monkeypatch.setenv("POST_URL", receiver.url)
        yield receiver


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


@pytest.fixture
def desk(receiver: Receiver, time: ManualTime) -> Iterator[Desk]:
    with Desk.open("memory:", time=time) as desk:
        yield desk


def down(desk: Desk) -> Any:
    inc = desk.declare("Disk full", impact="high", urgency="high", assign="ana")
    desk.run_due()
    return inc


def test_a_page_is_posted(desk: Desk, receiver: Receiver) -> None:
    inc = down(desk)
    ((content, key),) = receiver.came
    assert (content["to"], content["ref"], content["priority"]) == ("ana", "INC-1", "P1")
    (delivery,) = desk.deliveries(inc)
    assert (delivery.state, delivery.detail, delivery.id) == ("sent", "m-1", key)
    assert desk.faults == ()


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [(503, {}, 15), (429, {"Retry-After": "7"}, 7), (500, {"Retry-After": "soon"}, 15)],
)
def test_a_busy_receiver_is_asked_again(
    desk: Desk,
    receiver: Receiver,
    time: ManualTime,
    status: int,
    headers: dict[str, str],
    wait: int,
) -> None:
    receiver.answers.append((status, headers))
    inc = down(desk)
    assert desk.deliveries(inc)[0].state == "retrying"
    time.move(seconds=wait)
    desk.run_due()
    assert desk.deliveries(inc)[0].state == "sent"
    assert receiver.came[0][1] == receiver.came[1][1], "the key stays the same"


def test_a_refusal_is_final(desk: Desk, receiver: Receiver) -> None:
    receiver.answers += [(404, {})]
    inc = down(desk)
    assert desk.deliveries(inc)[0].state == "refused"
    assert desk.deliveries(inc)[0].detail == "HTTP 404"


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch, time: ManualTime) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Receiver() as gone:
        url = gone.url
    monkeypatch.setenv("POST_URL", url)
    with Desk.open("memory:", time=time) as desk:
        inc = down(desk)
        assert desk.deliveries(inc)[0].state == "retrying"
        assert desk.deliveries(inc)[0].detail.startswith("no connection")


def test_the_token_that_was_posted_acknowledges(desk: Desk, receiver: Receiver) -> None:
    inc = down(desk)
    token = receiver.came[0][0]["token"]
    answer = json.dumps({"type": "acknowledge", "token": token, "id": "a-1"})
    assert desk.receive("post", answer).rejected == ()
    assert desk.incident(inc).life.response == "acknowledged"
    receipt = json.dumps({"type": "receipt", "token": token, "arrived": True, "id": "a-2"})
    assert desk.receive("post", receipt).rejected == ()
    assert desk.deliveries(inc)[0].received is True


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'{"type": "sing", "token": "t", "id": "1"}']
)
def test_junk_is_rejected_and_never_raised(desk: Desk, body: bytes) -> None:
    assert desk.receive("post", body).rejected[0][0] == "body"
    assert desk.faults == ()


def test_without_an_address_there_is_no_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POST_URL", raising=False)
    with Desk.open("memory:") as desk:
        assert "post" not in desk.ports.plugins.channels
    with pytest.raises(InvalidValue, match="web address"):
        PostChannel("ftp://example.org")
