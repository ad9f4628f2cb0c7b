"""Whom a message to a party reaches: itself, or the members of a team that has no contact itself.

The host's directory is asked first; what it does not know, the policy's own directory may. A party
that nobody knows is reached by its bare name, so that a message never ends nowhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from incidentkit.flows.asking import contacts_of
from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Ask, Flow
from incidentkit.flows.questions import PartyOf
from incidentkit.flows.setting import Setting
from incidentkit.model.incident import Incident
from incidentkit.model.people import Contact
from incidentkit.rules.surroundings import surroundings

if TYPE_CHECKING:
    from incidentkit.model.party import Party

MOST = 200
"""How many parties one message may reach; a team is not a mailing list."""
_REPORTER = "reporter."


@attrs.frozen
class Reached:
    """One party that a message goes to, how, and what that was looked up in.

    `contacts` is empty where only the bare name is known. `of` is the team that was meant, where
    the party is a member of it; `as_of` is when the directory said so.
    """

    party: str
    contacts: tuple[Contact, ...]
    revision: str
    last_good: bool
    of: str = ""
    as_of: datetime | None = None


def reach(book: Workbook, party: str, channels: Collection[str]) -> Flow[tuple[Reached, ...]]:
    """Everybody whom a message to a party reaches on these channels; never nobody.

    Members are reached in their order, each once, and members of members after them.
    """
    found: list[Reached] = []
    todo, seen = deque([party]), {party}
    while todo and len(found) < MOST:
        each = todo.popleft()
        answer = yield from contacts_of(book, each)
        written = book.setting.policy.parties.get(each)
        contacts = answer.contacts or (() if written is None else written.contacts)
        members = answer.members or (() if written is None else written.members)
        reachable = tuple(x for x in contacts if x.channel in channels)
        if reachable or not members:
            of = party if each != party else ""
            found.append(Reached(each, reachable, answer.revision, answer.last_good, of, answer.at))
            continue
        for member in members:
            if member not in seen:
                seen.add(member)
                todo.append(member)
    return tuple(found) or (Reached(party, (), "", last_good=False),)


def known_of(book: Workbook, incident: Incident, names: Iterable[str]) -> Flow[dict[str, object]]:
    """What conditions and templates that read these names may know of an incident."""
    return (yield from known_in(book.setting, incident, names))


def known_in(
    setting: Setting,
    incident: Incident,
    names: Iterable[str],
    met: dict[str, Party | None] | None = None,
) -> Flow[dict[str, object]]:
    """The same where nothing is written; `met` keeps the reporters that were looked up before."""
    parties = yield from _parties(setting, incident, names, met)
    return surroundings(incident, setting.policy.services, parties)


def known_parties(
    book: Workbook, incident: Incident, names: Iterable[str]
) -> Flow[Mapping[str, Party]]:
    """The parties of the policy, and the reporter by the host's directory if a name asks for it."""
    return (yield from _parties(book.setting, incident, names))


def _parties(
    setting: Setting,
    incident: Incident,
    names: Iterable[str],
    met: dict[str, Party | None] | None = None,
) -> Flow[Mapping[str, Party]]:
    parties = setting.policy.parties
    reporter = incident.card.reporter
    if reporter is None or not any(name.startswith(_REPORTER) for name in names):
        return parties
    if met is None or reporter not in met:
        known = yield from Ask(PartyOf(reporter))
        if met is not None:
            met[reporter] = known
    else:
        known = met[reporter]
    return parties if known is None else {**parties, reporter: known}
