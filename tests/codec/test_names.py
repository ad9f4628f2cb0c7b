"""No two events, and no two commands, go by the same name."""

from __future__ import annotations

import gc
import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator
from typing import Any

import incidentkit.model
from incidentkit.codec import journal
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event


def classes(base: type[Any]) -> set[type[Any]]:
    """Every class of the library's model beneath a base, whether or not it is listed anywhere."""

    def below(cls: type[Any]) -> Iterator[type[Any]]:
        for each in cls.__subclasses__():
            yield each
            yield from below(each)

    for module in pkgutil.iter_modules(incidentkit.model.__path__):
        importlib.import_module(f"incidentkit.model.{module.name}")
    gc.collect()  # attrs makes each class anew for its slots and leaves the first one behind
    return {each for each in below(base) if each.__module__.startswith("incidentkit.")}


def twice(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def test_a_name_that_is_given_twice_is_found() -> None:
    assert twice(["held", "closed", "held"]) == ["held"]


def test_no_event_is_listed_under_two_modules() -> None:
    # A dict keeps the last of two equal keys and says nothing.
    listed = [name for names in journal._PLACES.values() for name in names.split()]
    assert twice(listed) == []
    assert len(journal.EVENTS) == len(listed)


def test_no_two_classes_of_events_share_a_name() -> None:
    assert twice([each.__name__.lower() for each in classes(Event)]) == []


def test_no_two_commands_share_an_action() -> None:
    # Authorisers, retries and journals know a command by this word alone.
    named = [each for each in classes(Command) if "action" in vars(each)]
    assert twice([each.action for each in named]) == []
    # Whatever has no word of its own is a common base, and never carried out itself.
    assert all(each.__subclasses__() for each in classes(Command) if "action" not in vars(each))
