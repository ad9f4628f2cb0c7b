"""Many flows of an import as one group: what they ask is read together, what they commit is one.

A flow of its own would load one record and wait for one durable commit. The drivers of an import
have hundreds at hand, so a group looks ahead for all of them and writes for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

import attrs
from typing_extensions import override

from incidentkit.desk.briefing import brief_changes, brief_keys
from incidentkit.desk.ports import Ports
from incidentkit.desk.recent import Known
from incidentkit.desk.session import Session, Step
from incidentkit.flows import effects as fx
from incidentkit.ports.rows import Batch, Committed, Entry, KeyChange, Ref, SearchText

if TYPE_CHECKING:
    from incidentkit.desk.desk import Desk


@attrs.define
class _Pending:
    """What flows of a group committed about one incident, from where it stood before them."""

    before: Known | None
    after: Known
    changed_at: int
    entries: list[Entry]
    texts: list[SearchText]
    keys: list[KeyChange]


class Group(Session):
    """A session of many flows, whose commits wait for one another.

    The commits about one incident become one batch: it is encoded once, as the last of them left
    it. `again` says that records will be met again soon, and are worth remembering.
    """

    __slots__ = ("absent", "again", "free", "pending")

    def __init__(self, desk: Desk, ports: Ports, *, again: bool) -> None:
        super().__init__(ports, desk.tenant_of, desk.memory)
        self.again: bool = again
        self.pending: dict[str, _Pending] = {}
        self.absent: set[str] = set()
        self.free: set[str] = set()

    def foresee(self, ids: Iterable[str], refs: Iterable[str]) -> None:
        """Load what the flows will ask for in one go, and look which references are free."""
        wanted = [x for x in dict.fromkeys(ids) if self._remember(x) is None]
        names = tuple(Ref("incident", x) for x in wanted)
        found = self._loaded(self.ports.store.load(self.tenant, names)) if names else ()
        self.absent = {x for x, value in zip(wanted, found, strict=True) if value is None}
        asked = tuple(dict.fromkeys(refs)) if self.absent else ()
        owners = self.ports.store.owners(self.tenant, "ref", brief_keys(asked)) if asked else ()
        self.free = {x for x, owner in zip(asked, owners, strict=True) if owner is None}

    def _remember(self, id_: str) -> Known | None:
        known = self.recent.get((self.tenant, "incident", id_))
        if known is not None:
            self._known["incident", id_] = known
        return known

    @override
    def step(self, effect: fx.Effect[object]) -> Step:
        """What to do for an effect: reading from what was foreseen, writing with the group."""
        if isinstance(effect, fx.Load):
            return self.load(cast("fx.Load[Any]", effect))
        if isinstance(effect, fx.Owners):
            return self.owners(effect)
        if isinstance(effect, fx.Commit):
            return self.commit(effect)
        return super().step(effect)

    @override
    def load(self, effect: fx.Load[Any]) -> Step:
        """From what was foreseen or written in this group, else from the store."""
        id_ = effect.ids[0]
        known = self._known.get((effect.kind.name, id_))
        if known is not None:
            return None, ((known.value,),), None
        if id_ in self.absent:
            return None, ((None,),), None
        return super().load(effect)

    @override
    def owners(self, effect: fx.Owners) -> Step:
        """As foreseen, else from the store."""
        if effect.keys[0] in self.free:
            return None, ((None,),), None
        return super().owners(effect)

    @override
    def commit(self, commit: fx.Commit) -> Step:
        """Encoded and chained at once, written with the group."""
        (change,) = commit.changes
        id_: str = change.value.id
        known = self._known.get(("incident", id_))
        pending = self.pending.get(id_)
        entries, texts = ([], []) if pending is None else (pending.entries, pending.texts)
        after, at = self._told(change, known, entries, texts)
        if pending is None:
            self.pending[id_] = _Pending(known, after, at, entries, texts, [*commit.keys])
        else:
            pending.after, pending.changed_at = after, at
            pending.keys += commit.keys
        self._known["incident", id_] = after
        self.absent.discard(id_)
        return None, (Committed(0),), None

    def _batch(self, about: _Pending) -> Batch:
        after, expected = about.after, 0 if about.before is None else about.before.version
        put = self.ports.codec.to_put(
            "incident", after.value, after.version, after.head, expected, about.changed_at
        )
        return Batch(
            self.tenant,
            self.ports.micros(),
            puts=(put,),
            entries=tuple(about.entries),
            keys=brief_changes(about.keys),
            texts=tuple(about.texts),
        )

    def written(self, over: set[str]) -> dict[str, Exception]:
        """Write the group; what was refused, by incident. Who is `over` is not remembered."""
        if not self.pending:
            return {}
        batches = [self._batch(each) for each in self.pending.values()]
        done: tuple[Committed | Exception, ...] = self.ports.store.commit_group(batches)
        told = zip(self.pending, done, strict=True)
        failed = {id_: each for id_, each in told if isinstance(each, Exception)}
        for (kind, id_), known in self._known.items():
            if self.again and not failed and id_ not in over:
                self.recent.keep((self.tenant, kind, id_), known)
            else:
                self.recent.forget((self.tenant, kind, id_))
        return failed
