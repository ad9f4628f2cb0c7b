"""Reading: one record, a page of records, a journal; always within what the actor may see.

A record outside the actor's scope is answered exactly as one that does not exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import attrs

from incidentkit.errors import NotFound
from incidentkit.flows.effects import Ask, Count, Find, Flow, Found, History, Kind, Load
from incidentkit.flows.gate import resolve_ref
from incidentkit.flows.kinds import BY_NAME, DELIVERY, kind_of
from incidentkit.flows.questions import ScopeOf
from incidentkit.flows.scoping import as_filter
from incidentkit.flows.setting import Setting
from incidentkit.model.delivery import Delivery
from incidentkit.model.journal import JournalEntry
from incidentkit.ports.query import NOTHING, AllOf, Compare, Filter, Op, Query

if TYPE_CHECKING:
    from incidentkit.flows.kinds import Record

T = TypeVar("T")


def scope(setting: Setting, kind: str) -> Flow[Filter | None]:
    """The filter of what the actor may see of a kind; None where no filter is needed."""
    if not setting.guarded:
        return None
    condition = yield from Ask(ScopeOf(setting.actor, kind))
    return NOTHING if condition is None else as_filter(condition)


def get(setting: Setting, name: str) -> Flow[Record]:
    """One record by reference or id.

    Raises NotFound when there is none, or the actor may not see it.
    """
    kind, id_ = yield from resolve_ref(name)
    stored = BY_NAME.get(kind)
    found: Any = None
    if stored is not None:
        (found,) = yield from Load(stored, (id_,))
    if found is None or not (yield from visible(setting, kind, found.ref)):
        raise NotFound("record", name)
    return cast("Record", found)


def visible(setting: Setting, kind: str, ref: str) -> Flow[bool]:
    """Whether a record that exists lies within the actor's scope."""
    allowed = yield from scope(setting, kind)
    if allowed is None:
        return True
    where = AllOf((Compare("ref", Op.EQ, ref), allowed))
    return (yield from Count(Query(kind, where))) > 0


def find(setting: Setting, kind: Kind[T], query: Query) -> Flow[Found[T]]:
    """One page of records, the actor's scope put into the query."""
    allowed = yield from scope(setting, kind.name)
    if allowed is not None:
        query = attrs.evolve(query, where=AllOf((query.where, allowed)))
    return (yield from Find(kind, query))


def deliveries(query: Query) -> Flow[tuple[Delivery, ...]]:
    """The deliveries of an incident that the caller has already been allowed to see."""
    found = yield from Find(DELIVERY, query)
    return found.items


def count(setting: Setting, query: Query) -> Flow[int]:
    """How many records there are within the actor's scope."""
    allowed = yield from scope(setting, query.kind)
    if allowed is not None:
        query = attrs.evolve(query, where=AllOf((query.where, allowed)))
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
