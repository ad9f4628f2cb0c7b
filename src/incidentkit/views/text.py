"""Text for people: strangers' words made harmless, instants and spans made readable.

A title may hold a line feed that fakes a second entry, an escape sequence that repaints a terminal
or a bidirectional override that turns a name round. All of it is shown, none of it is obeyed.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import attrs

from incidentkit.model.journal import JournalEntry, Recorded
from incidentkit.model.reason import Reason
from incidentkit.timing.instants import show_instant
from incidentkit.timing.terms import Term

LIMIT = 500
"""How much of a text stands in one sentence; the record keeps all of it."""

SYSTEM = "system"
_ORDINALS = {1: "st", 2: "nd", 3: "rd"}

_FOLD = re.compile(r"[ \t]*[\n\r\v\f\x85\u2028\u2029\t]\s*")
_JOINERS = "\u200c\u200d"  # emoji and several scripts need them, and they move nothing
_BLANKS = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def plain(text: str, limit: int = LIMIT) -> str:
    r"""The text as one printable line of at most about `limit` characters.

    Line feeds and tabs become blanks; what a terminal would obey is written as an escape.

    >>> print(plain("one\n  two \x1b[2J \u202egpj.exe"))
    one two \x1b[2J \u202egpj.exe
    """
    more = len(text) - limit
    if more > 0:
        text = text[:limit]
    if not text.isprintable():
        text = _BLANKS.sub(" ", _FOLD.sub(" ", text))
        text = "".join(c if c.isprintable() or c in _JOINERS else _escape(c) for c in text)
    text = text.strip()
    return f"{text}... ({more} more characters)" if more > 0 else text


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def quoted(text: str, limit: int = LIMIT) -> str:
    """The text as one line in quotation marks, so that it is seen where it begins and ends."""
    return f'"{plain(text, limit)}"'


def name(text: str | None) -> str:
    """A name from a record, kept short; `nobody` where there is none."""
    return plain(text, 120) if text else "nobody"


def words(member: str) -> str:
    """A state or kind as people say it.

    >>> words("in_progress")
    'in progress'
    """
    return plain(member.replace("_", " "))


def near(value: datetime, to: datetime) -> str:
    """The instant, without the date where it is the same day's; the offset is always shown."""
    shown = show_instant(value)
    if value.date() == to.date() and value.tzinfo is to.tzinfo:
        return shown.partition(" ")[2]
    return shown


def span(value: timedelta) -> str:
    """A length of time in whole seconds.

    >>> span(timedelta(minutes=90)), span(timedelta(seconds=-5)), span(timedelta())
    ('1h30m', '-5s', '0s')
    """
    sign = "-" if value < timedelta() else ""
    return f"{sign}{str(Term(abs(value))) or '0s'}"


def rough(value: timedelta) -> str:
    """A length of time as people say it: from a day on, no minutes and seconds.

    >>> rough(timedelta(days=3911, hours=17, minutes=28)), rough(timedelta(minutes=90))
    ('3911d17h', '1h30m')
    """
    if abs(value) >= timedelta(days=1):
        value -= value % timedelta(hours=1)
    return span(value)


def many(number: int, noun: str) -> str:
    """A number with its noun: `1 page`, `2 pages`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listing(parts: tuple[str, ...]) -> str:
    """The parts that are not empty, one after the other."""
    return ", ".join(part for part in parts if part)


def ordinal(number: int) -> str:
    """A number as a place.

    >>> ordinal(1), ordinal(12), ordinal(23)
    ('1st', '12th', '23rd')
    """
    teens = number // 10 % 10 == 1
    return f"{number}{'th' if teens else _ORDINALS.get(number % 10, 'th')}"


def roles(names: tuple[str, ...]) -> str:
    """Roles by their names.

    >>> roles(("commander",)), roles(("commander", "scribe"))
    ('the role commander', 'the roles commander, scribe')
    """
    return f"the role{'s' if names[1:] else ''} {plain(listing(names))}"


def followed(text: str, by: str) -> str:
    """The text, and what follows a colon where there is something."""
    return f"{text}: {plain(by)}" if by.strip() else text


def who(recorded: Recorded) -> str:
    """Who did it and for whom; what a host passed on in somebody's name is that person's.

    `ana for bob`: ana acted on behalf of bob. `ana via system`: the host said that ana did it.
    """
    actor, behalf = recorded.by, recorded.on_behalf_of
    if not behalf:
        return name(actor)
    return (
        f"{name(behalf)} via {SYSTEM}" if actor == SYSTEM else f"{name(actor)} for {name(behalf)}"
    )


@attrs.frozen
class Teller:
    """What a sentence may say of the entry around its event."""

    who: str
    at: datetime
    recorded: Recorded

    def near(self, value: datetime) -> str:
        """An instant, short where it is of the entry's own day."""
        return near(value, self.at)

    def is_actor(self, party: str) -> bool:
        """Whether this party did it, or had it done."""
        return party in (self.recorded.by, self.recorded.on_behalf_of)


def suffix(reason: Reason) -> str:
    """Which rule decided, in which version, by which policy: the quiet end of a line."""
    policy = f", policy {plain(reason.policy)}" if reason.policy else ""
    return f"  [{plain(reason.rule)} {reason.version}{policy}]"


def reason_of(entry: JournalEntry) -> Reason | None:
    """The entry's reason, where it has one and was not redacted."""
    return None if entry.recorded is None else entry.recorded.reason
