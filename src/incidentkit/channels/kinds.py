"""The kinds of message that a channel takes, checked when it is made."""

from __future__ import annotations

from collections.abc import Iterable

from incidentkit.errors import InvalidValue
from incidentkit.model.words import MessageKind

ALL_KINDS: frozenset[MessageKind] = frozenset(MessageKind)
"""Pages, syncs and notices."""


def check_kinds(kinds: Iterable[MessageKind | str]) -> frozenset[MessageKind]:
    """The kinds as a set.

    >>> sorted(check_kinds(["page"]))
    [<MessageKind.PAGE: 'page'>]

    Raises InvalidValue for a word that is no kind, and where there is none at all.
    """
    words = [kinds] if isinstance(kinds, str) else list(kinds)
    try:
        found = frozenset(map(MessageKind, words))
    except ValueError as error:
        choices = ", ".join(MessageKind)
        raise InvalidValue("kinds", f"{error}; there are {choices}") from None
    if not found:
        raise InvalidValue("kinds", "are empty: a channel takes at least one kind of message")
    return found
