"""One table of a document, read key by key: a value of the right type, or a problem with its path.

Every way to read a key stands here once, so that sections only say which keys they have, and the
schema for editors can be drawn from the very same reading (`incidentkit.policy.schema`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar, cast

from incidentkit.errors import IncidentKitError
from incidentkit.lang.conditions import ALWAYS, Condition, Declared
from incidentkit.lang.templates import Template
from incidentkit.model.checks import check_name
from incidentkit.model.frozen import FrozenMap
from incidentkit.policy.reading import MOST_PROBLEMS, Problems, nearest, place
from incidentkit.timing.terms import Term, parse_span

T = TypeVar("T")

SILENCE = Template.parse("")
"""A template that says nothing; stands in for one that is wrong."""
UNNAMED = "?"
"""Stands for a name that is none, while the rest of its table is read."""
_LONGEST = Term(timedelta(days=36_525), 1_200)


class Table:
    """One table of the document, read key by key; what was never read is a mistake.

    Read every key of a section whatever the others say: what is read is what there is.
    """

    def __init__(
        self, data: object, path: str, problems: Problems, *, adopted: bool = False
    ) -> None:
        self.path = path
        self.problems = problems
        self.adopted = adopted
        self.sound: bool = isinstance(data, Mapping)
        self._read: set[str] = set()
        self._data: Mapping[str, Any] = {}
        if isinstance(data, Mapping):
            self._data = cast("Mapping[str, Any]", data)
        else:
            self.wrong("", f"must be a table, not {type(data).__name__}")

    def __iter__(self) -> Iterator[str]:
        """The names in this table."""
        return iter(self._data)

    def wrong(self, key: str, problem: str) -> None:
        """Write a problem down; one that the same value has when it is read again stands once."""
        told = (place(self.path, key), problem)
        if self.problems[-1:] != [told]:
            self.problems.append(told)

    def refused(self, key: str, problem: str) -> None:
        """Write down what only a new document is refused for.

        One that was adopted was sound by the rules of its day, and a desk must go on with it.
        """
        if not self.adopted:
            self.wrong(key, problem)

    # --- tables in this table ---

    def table(self, key: str) -> Table:
        """A table inside this one; an absent one is empty."""
        self._read.add(key)
        return self._inside(self._data.get(key, {}), place(self.path, key))

    def _inside(self, data: object, path: str) -> Table:
        return Table(data, path, self.problems, adopted=self.adopted)

    def tables(self, key: str, least: int = 0) -> list[Table]:
        """A list of tables; `least` is how many the section asks for, which it says itself."""
        self._read.add(key)
        rows: object = self._data.get(key, [])
        if not isinstance(rows, list):
            self.wrong(key, "must be a list of tables")
            return []
        path = place(self.path, key)
        listed = enumerate(cast("list[object]", rows))
        return [self._inside(row, f"{path}[{at}]") for at, row in listed]

    def named(self) -> Iterator[tuple[str, Table]]:
        """Every table of this one, under the name that its writer chose.

        `false` instead of a table takes away one that the profile has.
        """
        for name in self:
            if self._data[name] is False:
                self._read.add(name)
                continue
            table = self.table(name)
            yield self.made(name, partial(check_name, name, "name"), UNNAMED), table

    def listed(self, key: str) -> Iterator[tuple[str, Table]]:
        """Named tables, or merely a list of names: each then has an empty table."""
        rows: object = self._data.get(key, [])
        if isinstance(rows, Mapping):
            yield from self.table(key).named()
            return
        path = place(self.path, key)
        for name in self.names(key):
            yield name, self._inside({}, place(path, name))

    def one_or_more(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one text."""
        if isinstance(self._data.get(key), str):
            return (self.text(key),)
        return self.texts(key)

    def among(self, choices: Collection[str]) -> Iterator[str]:
        """The names in this table, which must be some of the choices."""
        for name in self:
            if self.known(name, name, choices):
                yield name
            else:
                self._read.add(name)

    # --- plain values ---

    def value(self, key: str, kind: type[T], default: T) -> T:
        """A plain value of a type, or the default where it is absent or wrong."""
        self._read.add(key)
        if key not in self._data:
            return default
        value = self._data[key]
        if type(value) is not kind:
            self.wrong(key, f"must be {kind.__name__}, not {type(value).__name__}")
            return default
        return value

    def text(self, key: str, default: str = "") -> str:
        """Any text."""
        return self.value(key, str, default)

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        return self.value(key, bool, default)

    def number(self, key: str, default: int, least: int = 0, most: int | None = None) -> int:
        """A whole number within bounds."""
        number = self.value(key, int, default)
        if number < least or (most is not None and number > most):
            bounds = f"at least {least}" if most is None else f"between {least} and {most}"
            self.wrong(key, f"must be {bounds}")
            return default
        return number

    def numbers(self, key: str, least: int, most: int) -> tuple[int, ...]:
        """A list of whole numbers within bounds."""
        self._read.add(key)
        rows: object = self._data.get(key, [])
        found = cast("list[object]", rows) if isinstance(rows, list) else [rows]
        whole = tuple(x for x in found if type(x) is int)
        near = tuple(x for x in whole if least <= x <= most)
        if len(whole) != len(found):
            self.wrong(key, "must be a list of whole numbers")
        elif len(near) != len(whole):
            far = ", ".join(str(x) for x in whole if x not in near)
            self.wrong(key, f"{far}: may be between {least} and {most}")
        return near

    def texts(self, key: str, default: tuple[str, ...] = (), form: str = "") -> tuple[str, ...]:
        """A list of texts; `form` is the pattern that the section asks of each, checked there."""
        self._read.add(key)
        rows: object = self._data.get(key, default)
        if not isinstance(rows, list | tuple):
            self.wrong(key, "must be a list of texts")
            return default
        every = cast("list[object]", rows)
        found = tuple(row for row in every if isinstance(row, str))
        if len(found) != len(every):
            self.wrong(key, "must be a list of texts")
        return found

    # --- names and choices ---

    def name(self, key: str, default: str = "") -> str:
        """A name: one printable line; empty only where the default is."""
        name = self.text(key, default)
        if name != default:
            return self.made(key, partial(check_name, name, "name"), default)
        return name

    def names(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of names."""
        found = self.texts(key, default)
        return tuple(x for x in found if self.made(key, partial(check_name, x, "name"), ""))

    def choice(self, key: str, choices: Collection[str], default: str) -> str:
        """One of a closed set."""
        value = self.value(key, str, default)
        return value if self.known(key, value, choices) else default

    def choices(
        self, key: str, choices: Collection[str], default: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        """Some of a closed set."""
        return tuple(x for x in self.texts(key, default) if self.known(key, x, choices))

    def known(self, key: str, value: str, choices: Collection[str]) -> bool:
        """Whether the value is one of the choices; if not, the nearest is suggested."""
        if value in choices:
            return True
        self.wrong(key, f"{value[:80]!r} is not known{self._nearest(value, choices)}")
        return False

    # --- the small languages ---

    def span(self, key: str, default: timedelta) -> timedelta:
        """A length of elapsed time such as `5m`, of at most 100 years."""
        text = self.text(key)
        span = self.made(key, partial(parse_span, text, key), default) if text else default
        return span if self._is_short(key, Term(span)) else default

    def term(self, key: str, default: Term) -> Term:
        """A term such as `4h` or `1mo`, of at most 100 years."""
        text = self.text(key)
        term = self.made(key, partial(Term.parse, text), default) if text else default
        return term if self._is_short(key, term) else default

    def _is_short(self, key: str, term: Term) -> bool:
        short = term.elapsed <= _LONGEST.elapsed and term.months <= _LONGEST.months
        if not short:
            self.wrong(key, "must be at most 100 years")
        return short

    def condition(self, key: str, facts: Declared, default: str = "true") -> Condition:
        """A condition over declared facts."""
        text = self.text(key, default)
        return self.made(key, partial(Condition.parse, text, facts), ALWAYS)

    def template(self, key: str, fields: Collection[str], default: str = "") -> Template:
        """A template over declared fields."""
        text = self.text(key, default)
        return self.made(key, partial(Template.parse, text, tuple(fields)), SILENCE)

    def given(self, key: str, fields: Collection[str]) -> str | bool | int | FrozenMap[str, str]:
        """A field of an action: a template, true or false, a whole number, or texts by name."""
        self._read.add(key)
        value: object = self._data[key]
        if isinstance(value, bool | int):
            return value
        if isinstance(value, Mapping):
            table = self.table(key)
            return FrozenMap({name: table.text(name) for name in table})
        if not isinstance(value, str):
            self.wrong(key, "must be text, a whole number, true, false, or a table of texts")
            return ""
        return self.template(key, fields).text

    # --- the rest ---

    def made(self, key: str, make: Callable[[], T], default: T) -> T:
        """What `make` gives, or the default while its refusal is written down under the key."""
        try:
            return make()
        except IncidentKitError as error:
            self.wrong(key, str(error))
            return default

    def done(self) -> None:
        """Every name that nobody read is unknown here."""
        for key in self._data:
            if key not in self._read:
                self.wrong(key, f"is not known{self._nearest(key, self._read)}")

    def _nearest(self, name: str, choices: Collection[str]) -> str:
        """What was probably meant; nobody reads it of a problem that is not told."""
        return nearest(name, choices) if len(self.problems) < MOST_PROBLEMS else ""
