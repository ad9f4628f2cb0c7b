"""Trap receivers on loopback: they log what comes, and answer as they are told.

`HttpTrap` takes POSTs with the message's key in a header; `SmtpTrap` takes mail with it in
`Message-ID`. Both write down (key, monotonic seconds) at the instant the whole message has come,
before anything is answered: what stands there was received, whatever the sender learnt of it.
"""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
import time
from typing import Any

OK, ERROR, HANG, RESET, SLOW_DOWN = "ok", "500", "hang", "reset", "429"
RESET_AT_ONCE = struct.pack("ii", 1, 0)


class Trap:
    """What both have in common. `answer` is how to answer; `plan` comes first, one each."""

    def __init__(self, handler: type[socketserver.StreamRequestHandler]) -> None:
        self.log: list[tuple[str, float]] = []
        self.answer = OK
        self.plan: list[str] = []
        self.retry_after = 30
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._server = Server(("127.0.0.1", 0), handler)
        self._server.trap = self
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def take(self, key: str) -> str:
        """Log a message; how to answer it."""
        with self._lock:
            self.log.append((key, time.monotonic()))
            return self.plan.pop(0) if self.plan else self.answer

    @property
    def keys(self) -> list[str]:
        """The keys in the order in which they came."""
        with self._lock:
            return [key for key, _ in self.log]

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Server(socketserver.ThreadingTCPServer):
    """A thread a connection; none of them keeps the process."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128
    trap: Trap

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that was killed breaks its connection; that is what traps are for."""


class HttpHandler(socketserver.StreamRequestHandler):
    """HTTP/1.1, as far as a POST needs it."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        trap: Trap = self.server.trap  # type: ignore[attr-defined]
        while self.rfile.readline():
            headers: dict[str, str] = {}
            while (line := self.rfile.readline().strip()) != b"":
                name, _, value = line.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            size = int(headers.get("content-length", "0"))
            if len(self.rfile.read(size)) < size:
                return
            match trap.take(headers.get("x-key", "")):
                case "hang":
                    trap.released.wait()
                    return
                case "reset":
                    self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
                    self.request.close()
                    return
                case "500":
                    self.wfile.write(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
                case "429":
                    after = f"Retry-After: {trap.retry_after}\r\n".encode()
                    self.wfile.write(b"HTTP/1.1 429 No\r\n" + after + b"Content-Length: 0\r\n\r\n")
                case _:
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


class SmtpHandler(socketserver.StreamRequestHandler):
    """SMTP, as far as one plain mail needs it."""

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        trap: Trap = self.server.trap  # type: ignore[attr-defined]
        self.say("220 trap")
        while line := self.rfile.readline():
            word = line.decode("latin-1").strip()[:4].upper()
            if word == "QUIT":
                self.say("221 bye")
                return
            if word != "DATA":
                self.say("250 ok")
                continue
            self.say("354 go on")
            key = ""
            while (text := self.rfile.readline().rstrip(b"\r\n")) != b".":
                if text.lower().startswith(b"message-id:"):
                    key = text.partition(b":")[2].strip().strip(b"<>").decode().partition("@")[0]
            match trap.take(key):
                case "hang":
                    trap.released.wait()
                    return
                case "reset":
                    self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
                    self.request.close()
                    return
                case "500":
                    self.say("550 no")
                case "429":
                    self.say("451 later")
                case _:
                    self.say("250 taken")


class HttpTrap(Trap):
    """A trap for webhooks."""

    def __init__(self) -> None:
        super().__init__(HttpHandler)


class SmtpTrap(Trap):
    """A trap for mail."""

    def __init__(self) -> None:
        super().__init__(SmtpHandler)
