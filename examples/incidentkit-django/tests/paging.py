"""A channel, as a project names it in its settings."""

from __future__ import annotations

PAGED: list[str] = []


def send(message) -> None:
    PAGED.append(f"{message.to} {message.ref}")
