"""The directory contract as cases: who is known, how they are reached, under which revision."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, TypeAlias

import attrs

from incidentkit.model.party import Party
from incidentkit.model.people import Contact
from incidentkit.ports.access import SupportsComplaint, SupportsMembers, SupportsParties
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, of_type, true
from incidentkit.testing.report import Report
from incidentkit.testing.threads import together
from incidentkit.testing.trial import HOSTILE_TEXTS, PluginTrial, check_plugin

NOBODY = "nobody-of-this-name"
MOST_PARTIES = 10_000


@attrs.frozen
class DirectoryHarness:
    """How directories of yours are made, and a party that they know an address of.

    `change` changes what the directory reads, `outage` is a block in which it cannot look; without
    them some cases are skipped.
    """

    make: Callable[[], Any]
    known: str = ""
    change: Callable[[], object] | None = None
    outage: Callable[[], AbstractContextManager[object]] | None = None


Trial: TypeAlias = PluginTrial[DirectoryHarness]


def known(trial: Trial) -> None:
    """A known party has contacts: a tuple of channel and address each."""
    contacts = _contacts(trial.plugin, trial.harness.known)
    true(contacts, f"{trial.harness.known!r} has a contact")


def unknown(trial: Trial) -> None:
    """A party that is not known has no contacts, and asking for it raises nothing."""
    equal(_contacts(trial.plugin, NOBODY), ())


def hostile(text: str, trial: Trial) -> None:
    """A hostile name is asked for like any other, and known to nobody."""
    equal(_contacts(trial.plugin, text), ())


def same_answer(trial: Trial) -> None:
    """The same question under the same revision has the same answer, also of another object."""
    for party in (trial.harness.known, NOBODY):
        first = _contacts(trial.plugin, party)
        equal(_contacts(trial.plugin, party), first)
        equal(_contacts(trial.another(), party), first)


def revision(trial: Trial) -> None:
    """The revision is a short text that stays while the content does, also for another object."""
    found = of_type(trial.plugin.revision(), str)
    true(found, "a revision is not empty")
    true(len(found) <= 200, "a revision is short, for it is journaled with every decision")
    _contacts(trial.plugin, NOBODY)
    equal(trial.plugin.revision(), found)
    equal(trial.another().revision(), found)


def revision_changes(trial: Trial) -> None:
    """Another content has another revision."""
    before = trial.plugin.revision()
    change = trial.harness.change
    if change is None:
        raise TypeError("the harness has no `change`; the case must require it")
    change()
    true(trial.plugin.revision() != before, "the revision is another one after the change")


def members_end(trial: Trial) -> None:
    """Members are a tuple of names, none for whoever is unknown; following them comes to an end."""
    directory = trial.plugin
    equal(tuple(directory.members(NOBODY)), ())
    waiting, seen = [trial.harness.known], set[str]()
    while waiting:
        party = waiting.pop()
        if party in seen:
            continue
        seen.add(party)
        true(len(seen) < MOST_PARTIES, f"fewer than {MOST_PARTIES} parties under one")
        members: tuple[str, ...] = directory.members(party)
        of_type(members, tuple)
        for member in members:
            true(of_type(member, str), "a member has a name")
        waiting += members


def parties(trial: Trial) -> None:
    """A party is None when it is unknown, and has the contacts that are told otherwise."""
    directory = trial.plugin
    equal(directory.party(NOBODY), None)
    found = directory.party(trial.harness.known)
    if found is not None:
        equal(of_type(found, Party).contacts, _contacts(directory, trial.harness.known))


def complaint(trial: Trial) -> None:
    """A directory that can look has nothing to complain of."""
    equal(trial.plugin.complaint(), "")


def outage(trial: Trial) -> None:
    """A directory that cannot look says so, or gives its last good answer; nobody is forgotten."""
    directory = trial.plugin
    before = _contacts(directory, trial.harness.known)
    with trial.during(trial.harness.outage):
        try:
            during = _contacts(directory, trial.harness.known)
        except Exception:
            during = before
        equal(during, before, "the contacts during an outage")
    equal(_contacts(directory, trial.harness.known), before, "the contacts afterwards")


def many_threads(trial: Trial) -> None:
    """Eight threads ask at once, and each gets the answer to its own question."""
    directory = trial.plugin
    wanted = _contacts(directory, trial.harness.known)

    def work(number: int) -> None:
        for _ in range(10):
            party = trial.harness.known if number % 2 else NOBODY
            equal(_contacts(directory, party), wanted if number % 2 else ())

    together(8, work)


def _contacts(directory: Any, party: str) -> tuple[Contact, ...]:
    found: tuple[Contact, ...] = directory.contacts(party)
    of_type(found, tuple)
    for contact in found:
        of_type(contact, Contact)
    return found


_CASES: tuple[Case[Trial], ...] = (
    Case("directory.contacts.known", known, ("known",)),
    Case("directory.contacts.unknown", unknown),
    *(
        Case(f"directory.contacts.hostile.{name}", partial(hostile, text))
        for name, text in HOSTILE_TEXTS.items()
    ),
    Case("directory.contacts.same-answer", same_answer),
    Case("directory.contacts.outage", outage, ("known", "outage")),
    Case("directory.contacts.many-threads", many_threads),
    Case("directory.revision", revision),
    Case("directory.revision-changes", revision_changes, ("change",)),
    Case("directory.members-end", members_end, ("members",)),
    Case("directory.parties", parties, ("parties",)),
    Case("directory.complaint", complaint, ("complaint",)),
)


def directory_cases() -> tuple[Case[Trial], ...]:
    """Every case of the directory contract; ids are public and stay."""
    return _CASES


def directory_capabilities(harness: DirectoryHarness) -> tuple[str, ...]:
    """What directories of this harness can do, and what it can tell, as cases name it."""
    made = harness.make()
    able = {
        "change": harness.change is not None,
        "complaint": isinstance(made, SupportsComplaint),
        "known": bool(harness.known),
        "members": isinstance(made, SupportsMembers),
        "outage": harness.outage is not None,
        "parties": isinstance(made, SupportsParties),
    }
    return tuple(name for name, has in able.items() if has)


def check_directory(
    made: DirectoryHarness | Callable[[], Any], cases: Iterable[Case[Trial]] = _CASES
) -> Report:
    """Run the cases on directories of yours; `made` is a harness, or a function that makes one."""
    harness = made if isinstance(made, DirectoryHarness) else DirectoryHarness(made)
    return check_plugin("directory", harness, directory_capabilities, cases)
