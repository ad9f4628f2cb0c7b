"""The source `pingbot`: one line a check (`DOWN db-1 timed out`), signed with a shared secret."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from incidentkit import Alert, AlertSeverity, AlertStatus, FrozenMap, Rejected, SourceRequest
from incidentkit.errors import IncidentKitError, InvalidValue

HEADER = "x-pingbot-signature"


class Pingbot:
    """Reads what pingbot sends; what is not signed with the secret is not read."""

    name = "pingbot"

    def __init__(self, secret: str) -> None:
        if not secret.strip():
            raise InvalidValue("secret", "is blank: everybody could sign with it")
        self._secret = secret.encode()

    def sign(self, body: bytes) -> str:
        return hmac.new(self._secret, body, hashlib.sha256).hexdigest()

    def parse(self, request: SourceRequest) -> Iterator[Alert | Rejected]:
        given = request.headers.get(HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(self.sign(request.body).encode(), given):
            yield Rejected("headers", "the signature is missing or wrong; nothing was read")
            return
        # No record can hold a NUL character, and anybody may send one.
        text = request.body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
        for number, line in enumerate(text.splitlines(), 1):
            try:
                yield self._alert(line)
            except IncidentKitError as error:
                yield Rejected(f"line {number}", str(error), line[:500])

    def _alert(self, line: str) -> Alert:
        word, _, rest = line.partition(" ")
        host, _, detail = rest.partition(" ")
        if word not in ("UP", "DOWN") or not host:
            raise InvalidValue("line", "is neither `UP host` nor `DOWN host detail`")
        down = word == "DOWN"
        return Alert(
            source=self.name,
            key=host,
            status=AlertStatus.FIRING if down else AlertStatus.CLEARED,
            title=f"{host} does not answer",
            severity=AlertSeverity.CRITICAL,
            severity_as_sent=word,
            service=host,
            group="",
            labels=FrozenMap({"host": host}),
            annotations=FrozenMap({"detail": detail} if detail else {}),
        )
