"""A channel that posts to a trap, as a webhook would; one connection, kept open."""

from __future__ import annotations

import http.client
import smtplib
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from incidentkit import Retry, Sent


class Poster:
    """Posts each message with its key; what is not taken is to be tried again."""

    def __init__(self, port: int, timeout: float = 5.0) -> None:
        self._port, self._timeout = port, timeout
        self._open: http.client.HTTPConnection | None = None

    def __call__(self, message: Any) -> Sent | Retry:
        connection = self._open or http.client.HTTPConnection(
            "127.0.0.1", self._port, timeout=self._timeout
        )
        self._open = None
        try:
            connection.request("POST", "/", message.text.encode(), {"X-Key": message.key})
            answer = connection.getresponse()
            _ = answer.read()
        except BaseException:
            connection.close()
            raise
        self._open = connection
        if answer.status == 429:
            after = timedelta(seconds=int(answer.headers.get("Retry-After", "1")))
            return Retry("slow down", after)
        return Sent() if answer.status == 200 else Retry(f"status {answer.status}")

    def close(self) -> None:
        """Let go of the connection."""
        if self._open is not None:
            self._open.close()


class Mailer:
    """Mails each message with its key as the id."""

    def __init__(self, port: int, timeout: float = 5.0) -> None:
        self._port, self._timeout = port, timeout

    def __call__(self, message: Any) -> Sent:
        mail = EmailMessage()
        mail["Message-ID"] = f"<{message.key}@proof.example>"
        mail["From"], mail["To"] = "desk@proof.example", "ana@proof.example"
        mail["Subject"] = message.title
        mail.set_content(message.text)
        with smtplib.SMTP("127.0.0.1", self._port, timeout=self._timeout) as server:
            server.send_message(mail)
        return Sent()
