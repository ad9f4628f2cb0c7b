"""A secret: a text that goes where it is needed and is shown nowhere on the way.

It never prints, pickles, copies into a log or stands in a traceback, and it is compared in constant
time. Whoever needs the text asks for it by `reveal()`, at the last moment and for one call.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from incidentkit.errors import InvalidValue

LONGEST = 100_000
"""Characters that a secret may have; a private key fits in."""


class Secret:
    """A text that is not shown. `Secret.of` reads one from `env:NAME` or `file:PATH`.

    >>> password = Secret("correct horse")
    >>> password, str(password), f"{password}"
    (Secret(***), 'Secret(***)', 'Secret(***)')
    >>> password.reveal(), password.matches("correct horse"), password == Secret("another")
    ('correct horse', True, False)
    """

    __slots__ = ("_read",)

    _read: Callable[[], str]

    def __init__(self, value: str) -> None:
        checked = _checked(value, "secret")
        self._read = lambda: checked

    @classmethod
    def of(cls, value: Secret | str, field: str = "secret") -> Secret:
        """A secret from what a host has of it: one, its text, `env:NAME` or `file:PATH`.

        A file is read again each time, without its last line break, so that it may be changed in
        place. Raises InvalidValue, which names the reference and never the text, for one that is
        missing or blank.
        """
        if isinstance(value, Secret):
            return value
        kind, _, name = str(value).partition(":")
        if kind == "env" and name:
            return cls._lazy(lambda: _of_environment(name, field))
        if kind == "file" and name:
            return cls._lazy(lambda: _of_file(Path(name), field))
        try:
            return cls(value)
        except InvalidValue as error:
            raise InvalidValue(field, error.problem) from None

    @classmethod
    def _lazy(cls, read: Callable[[], str]) -> Secret:
        made = cls.__new__(cls)
        made._read = read
        _ = read()
        return made

    def reveal(self) -> str:
        """The text. Raises InvalidValue where what it refers to is gone."""
        return self._read()

    def matches(self, offered: str | bytes) -> bool:
        """Whether somebody offered the same, judged in constant time."""
        given = offered if isinstance(offered, bytes) else offered.encode("utf-8", "surrogatepass")
        return hmac.compare_digest(given, self._read().encode("utf-8", "surrogatepass"))

    def __eq__(self, other: object) -> bool:
        """Two secrets of the same text are equal; a text is equal to none."""
        return isinstance(other, Secret) and self.matches(other.reveal())

    def __hash__(self) -> int:
        """One number for all: a hash of the text would tell something of it."""
        return hash(Secret)

    def __repr__(self) -> str:
        """Never the text."""
        return "Secret(***)"

    def __format__(self, spec: str) -> str:
        """Never the text, whatever the format."""
        return format(repr(self), spec)

    def __copy__(self) -> Secret:
        """The same secret."""
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        """The same secret."""
        return self

    def __reduce__(self) -> NoReturn:
        """A secret does not leave the process."""
        raise TypeError("a Secret cannot be pickled; hand on its reference, such as env:NAME")


def _of_environment(name: str, field: str) -> str:
    import os

    value = os.environ.get(name)
    if value is None:
        raise InvalidValue(field, f"env:{name} is not set")
    return _checked(value, field, f"env:{name} ")


def _of_file(path: Path, field: str) -> str:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "is not UTF-8 text"
        raise InvalidValue(field, f"file:{path} cannot be read: {why}") from None
    return _checked(text.rstrip("\r\n"), field, f"file:{path} ")


def _checked(value: object, field: str, where: str = "") -> str:
    """A text that is not blank. What is wrong is said without the text."""
    if not isinstance(value, str):
        raise InvalidValue(field, f"{where}must be text, not {type(value).__name__}")
    if not value.strip():
        raise InvalidValue(field, f"{where}is blank")
    if len(value) > LONGEST or "\0" in value:
        raise InvalidValue(field, f"{where}is no secret: too long, or it has a NUL in it")
    return value


def without_password(url: str) -> str:
    """An address as it may be shown: what stands between its user and the `@` is left out.

    >>> without_password("postgresql://app:hunter2@db/incidents?password=hunter2")
    'postgresql://app:***@db/incidents?password=***'
    """
    import re

    # Up to the last @: a password may have one in it, though it should be encoded.
    shown = re.sub(r"(://[^/@:\s]*):[^\s]*@", r"\1:***@", url)
    value = r"\s*=\s*('(?:[^'\\]|\\.)*'?|[^&\s]*)"
    return re.sub(rf"(?i)\b(password|passwd|pwd|sslpassword){value}", r"\1=***", shown)


def is_dsn(text: str) -> bool:
    """Whether this is how libpq is told of a database in words (`host=db password=...`)."""
    import re

    return re.search(r"(?i)\b(host|hostaddr|port|dbname|user|password)\s*=", text) is not None
