"""Directories and authorisers: the built-in ones keep their contract, broken ones are found."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from incidentkit.desk.directory_file import FileDirectory
from incidentkit.desk.inline import InlineDirectory
from incidentkit.lang.conditions.condition import Condition
from incidentkit.model.people import Contact
from incidentkit.rules.authorise import Opinion, Permission
from incidentkit.testing.authorisers import (
    AuthoriserHarness,
    authoriser_cases,
    check_authoriser,
)
from incidentkit.testing.directories import (
    DirectoryHarness,
    check_directory,
    directory_cases,
)
from tests.testing.failing import fails_exactly

TEXT = '[ana]\ncontacts = { sms = "+1" }\n[ops]\nkind = "team"\nmembers = ["ana"]\n'

# --- directories ----------------------------------------------------------------------------------


class Inline(InlineDirectory):
    def __init__(self) -> None:
        super().__init__({"ana": {"sms": "+1"}})


def from_file(folder: Path) -> DirectoryHarness:
    path = folder / "people.toml"
    path.write_text(TEXT, "utf-8")

    @contextmanager
    def outage() -> Iterator[None]:
        path.rename(folder / "away")
        yield
        (folder / "away").rename(path)

    def change() -> None:
        path.write_text(TEXT + '[bo]\ncontacts = { sms = "+2" }\n', "utf-8")

    return DirectoryHarness(lambda: FileDirectory(path), "ana", change, outage)


def test_the_built_in_directories(tmp_path: Path) -> None:
    report = check_directory(from_file(tmp_path))
    assert report.ok, str(report)
    assert len(report.outcomes) == len(report.of(report.outcomes[0].result))
    report = check_directory(DirectoryHarness(Inline, "ana"))
    assert report.ok, str(report)


class Inventing(Inline):
    """Makes an address up for whoever it does not know."""

    def contacts(self, party: str) -> tuple[Contact, ...]:
        return super().contacts(party) or (Contact("mail", f"{party[:20]}@example.org"),)


class Restless(Inline):
    """Has another revision each time it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def revision(self) -> str:
        self.asked += 1
        return str(self.asked)


class Circular(Inline):
    """Its teams have teams without end."""

    def members(self, party: str) -> tuple[str, ...]:
        return () if party.startswith("nobody") else (f"{party}+",)


class Forgetting(Inline):
    """Knows nobody while it cannot look."""

    away = False

    def contacts(self, party: str) -> tuple[Contact, ...]:
        return () if Forgetting.away else super().contacts(party)


@contextmanager
def forgetting() -> Iterator[None]:
    Forgetting.away = True
    try:
        yield
    finally:
        Forgetting.away = False


@pytest.mark.parametrize(
    ("kind", "globs"),
    [
        (
            Inventing,
            """directory.contacts.unknown directory.contacts.hostile.*
            directory.contacts.many-threads""",
        ),
        (Restless, "directory.revision"),
        (Circular, "directory.members-end"),
        (Forgetting, "directory.contacts.outage"),
    ],
)
def test_a_broken_directory_is_found(kind: Any, globs: str) -> None:
    harness = DirectoryHarness(kind, "ana", outage=forgetting)
    fails_exactly(check_directory(harness), globs, directory_cases())


# --- authorisers ----------------------------------------------------------------------------------


class Roles:
    """A sound authoriser: leads may do everything, members note, nobody else anything."""

    away = False

    def may(self, actor: str, action: str, subject: str) -> Permission:
        if Roles.away:
            raise ConnectionError("the login service is away")
        if actor == "lea" or (actor == "mo" and action == "note"):
            return Permission(Opinion.ALLOW)
        return Permission(Opinion.DENY, "no role")

    def scope(self, actor: str, kind: str) -> Condition | None:
        if kind != "incident":
            return None
        return Condition.parse("state == 'new'") if actor in ("lea", "mo") else None


@contextmanager
def away() -> Iterator[None]:
    Roles.away = True
    try:
        yield
    finally:
        Roles.away = False


def harness(kind: Any) -> AuthoriserHarness:
    return AuthoriserHarness(
        kind,
        (("lea", "resolve", "incident/INC-1"), ("mo", "note", "incident/INC-1")),
        (("mo", "resolve", "incident/INC-1"), ("eve", "note", "incident/INC-1")),
        away,
    )


def test_a_sound_authoriser_passes_every_case() -> None:
    report = check_authoriser(harness(Roles))
    assert report.ok, str(report)
    assert len(report.of(report.outcomes[0].result)) == len(authoriser_cases())


class Open(Roles):
    """Lets everybody through while it cannot ask."""

    def may(self, actor: str, action: str, subject: str) -> Permission:
        try:
            return super().may(actor, action, subject)
        except ConnectionError:
            return Permission(Opinion.ALLOW, "for now")


class Trusting(Roles):
    """Knows whom to refuse, and lets everybody else through."""

    def may(self, actor: str, action: str, subject: str) -> Permission:
        answer = super().may(actor, action, subject)
        return answer if actor in ("lea", "mo", "eve") else Permission(Opinion.ALLOW)


class Remembering(Roles):
    """Allows once what it allowed; the second time it is too much."""

    def __init__(self) -> None:
        self.asked: set[tuple[str, str, str]] = set()
        self.lock = threading.Lock()

    def may(self, actor: str, action: str, subject: str) -> Permission:
        with self.lock:
            seen = (actor, action, subject) in self.asked
            self.asked.add((actor, action, subject))
        answer = super().may(actor, action, subject)
        return Permission(Opinion.DENY, "asked before") if seen else answer


class Wide(Roles):
    """Shows everything by a word of its own."""

    def scope(self, actor: str, kind: str) -> Any:
        return True


@pytest.mark.parametrize(
    ("kind", "globs"),
    [
        (Open, "authoriser.outage"),
        (Trusting, "authoriser.strangers authoriser.hostile.*"),
        (Remembering, "authoriser.pure authoriser.many-threads"),
        (Wide, "authoriser.scopes authoriser.hostile.*"),
    ],
)
def test_a_broken_authoriser_is_found(kind: Any, globs: str) -> None:
    fails_exactly(check_authoriser(harness(kind)), globs, authoriser_cases())


def test_coroutines_are_served() -> None:
    class AsyncRoles(Roles):
        async def may(self, actor: str, action: str, subject: str) -> Permission:  # type: ignore[override]
            return super().may(actor, action, subject)

        async def scope(self, actor: str, kind: str) -> Condition | None:  # type: ignore[override]
            return super().scope(actor, kind)

    report = check_authoriser(harness(AsyncRoles))
    assert report.ok, str(report)
