"""How somebody is reached, as the directory says it now or last said it.

A good answer is kept as a record, in the commit of whatever asked, so that it is there at night for
a process that was started a minute ago. An answer that stays the same is renewed once an hour.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b

from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Ask, Flow, Load
from incidentkit.flows.kinds import LAST_GOOD
from incidentkit.flows.questions import Contacts, ContactsOf
from incidentkit.flows.setting import recorded
from incidentkit.model.last_good import DirectoryAnswered, LastGood

RENEWED = timedelta(hours=1)
SYSTEM = "system"


def contacts_of(book: Workbook, party: str) -> Flow[Contacts]:
    """How a party is reached; from the last good answer where the directory has none to give.

    Asked once in a flow. An unknown party has no contacts.
    """
    known = book.reached.get(party)
    if known is None:
        answer = yield from Ask(ContactsOf(party))
        known = book.reached[party] = yield from _lasting(book, party, answer)
    return known


def _lasting(book: Workbook, party: str, answer: Contacts) -> Flow[Contacts]:
    if answer.at is None and not answer.last_good:
        return answer  # there is no directory
    id_ = blake2b(party.encode(), digest_size=16).hexdigest()
    kept: LastGood | None
    (kept,) = yield from Load(LAST_GOOD, (id_,))
    if answer.last_good:
        newer = kept is None or (answer.at is not None and answer.at >= kept.at)
        if kept is None or newer:
            return answer
        return Contacts(kept.contacts, kept.revision, True, kept.members, kept.at)
    nothing = not answer.contacts and not answer.members
    at = book.at
    if kept is None and nothing:
        return answer
    same = kept is not None and (kept.contacts, kept.members, kept.revision) == (
        answer.contacts,
        answer.members,
        answer.revision,
    )
    if kept is not None and same and at - kept.at < RENEWED:
        return answer
    version = 1 if kept is None else kept.version + 1
    after = LastGood(id_, version, party, answer.contacts, answer.members, answer.revision, at)
    said = DirectoryAnswered(party, answer.revision, len(answer.contacts), len(answer.members))
    book.write(LAST_GOOD, after, (recorded(said, book.setting, at, by=SYSTEM),))
    return answer
