"""A proxy that cuts a connection just after the server has answered, before the client hears it.

That is the window in which a change is committed and nobody was told: the client sent its request,
the server did it, and the answer was lost. It forwards bytes and knows no protocol: while armed, it
looks for a word in what the client sends (`COMMIT`, a table's name), lets the request pass, waits
for the server's answer, and drops both connections instead of handing it on.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
from contextlib import suppress

BLOCK = 1 << 16


class CuttingProxy:
    """Listens on a port of loopback, or on a Unix socket, and forwards to the server's.

    `server` and `listen` are (host, port) or the path of a Unix socket; without `listen` a free
    port is taken. `arm(word, times)` cuts the next connections that send the word.
    """

    def __init__(
        self, server: tuple[str, int] | str, listen: tuple[str, int] | str | None = None
    ) -> None:
        self.server = server
        family = socket.AF_UNIX if isinstance(listen, str) else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.bind(listen or ("127.0.0.1", 0))
        self._socket.listen(64)
        self.address = self._socket.getsockname()
        self.cuts = 0
        self._word, self._left = b"", 0
        self._lock = threading.Lock()
        self._stopped = False
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def arm(self, word: bytes, times: int = 1) -> None:
        """Cut the next `times` exchanges in which the client sends the word."""
        with self._lock:
            self._word, self._left = word, times

    def _wanted(self, sent: bytes) -> bool:
        with self._lock:
            if not self._left or self._word not in sent:
                return False
            self._left -= 1
            self.cuts += 1
            return True

    def _accept(self) -> None:
        while not self._stopped:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        family = socket.AF_UNIX if isinstance(self.server, str) else socket.AF_INET
        with client, socket.socket(family, socket.SOCK_STREAM) as server, suppress(OSError):
            server.connect(self.server)
            doomed = False
            while True:
                ready, _, _ = select.select((client, server), (), (), 0.5)
                if self._stopped:
                    return
                for each in ready:
                    data = each.recv(BLOCK)
                    if not data:
                        return
                    if each is client:
                        doomed = doomed or self._wanted(data)
                        server.sendall(data)
                    elif doomed:
                        linger = struct.pack("ii", 1, 0)
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                        return
                    else:
                        client.sendall(data)

    def close(self) -> None:
        """Stop listening, and drop what is open."""
        self._stopped = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)
