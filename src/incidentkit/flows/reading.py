"""Reading: one record, a page of records, a journal.

Nothing is filtered here: what an actor may not see never gets this far (`incidentkit.flows.sight`),
so a record outside their sight is answered exactly as one that does not exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from incidentkit.errors import NotFound
from incidentkit.flows.effects import Count, Find, Flow, Found, History, Kind, Load
from incidentkit.flows.gate import lookup
from incidentkit.flows.kinds import BY_NAME, DELIVERY, kind_of
from incidentkit.flows.setting import Setting
from incidentkit.model.delivery import Delivery
from incidentkit.model.journal import JournalEntry
from incidentkit.ports.query import Query

if TYPE_CHECKING:
    from incidentkit.flows.kinds import Record

T = TypeVar("T")


def get(_setting: Setting, name: str) -> Flow[Record]:
    """One record by reference or id.

    Raises NotFound when there is none, or the actor may not see it.
    """
    kind, id_ = yield from lookup(name)
    stored = BY_NAME.get(kind)
    found: Any = None
    if stored is not None:
        (found,) = yield from Load(stored, (id_,))
    if found is None:
        raise NotFound("record", name)
    return cast("Record", found)


def find(_setting: Setting, kind: Kind[T], query: Query) -> Flow[Found[T]]:
    """One page of records."""
    return (yield from Find(kind, query))


def deliveries(query: Query) -> Flow[tuple[Delivery, ...]]:
    """The deliveries that a query holds."""
    found = yield from Find(DELIVERY, query)
    return found.items


def count(_setting: Setting, query: Query) -> Flow[int]:
    """How many records there are."""
    return (yield from Count(query))


def history(setting: Setting, name: str) -> Flow[tuple[JournalEntry, ...]]:
    """The whole journal of an incident or problem.

    Raises NotFound as `get` does.
    """
    record = yield from get(setting, name)
    return (yield from whole(kind_of(record), record.id))


def whole(kind: str, id_: str) -> Flow[tuple[JournalEntry, ...]]:
    """A journal from its beginning to its end, page by page."""
    entries: tuple[JournalEntry, ...] = ()
    while True:
        page = yield from History(kind, id_, entries[-1].seq if entries else 0)
        entries += page
        if len(page) < 1000:
            return entries
