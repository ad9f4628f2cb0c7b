"""What an actor may see, at the one place where flows meet the store.

A flow that reads for somebody never filters: `Sight.through` runs it and narrows each of its
effects, so that rows, counts, tallies, searches and journals come from the store as if what the
actor may not see did not exist. An effect that nobody has thought of is refused. What a flow
answers in the end goes through `withholding.shown`, which leaves out references to what is hidden.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, cast

import attrs

from incidentkit.errors import LimitExceeded, NotAuthorised
from incidentkit.flows import effects as fx
from incidentkit.flows.effects import Ask, Effect, Find, Flow, Kind, Load, Now
from incidentkit.flows.kinds import ADMISSION, BY_NAME, INCIDENT, PROBLEM
from incidentkit.flows.questions import ScopeOf
from incidentkit.flows.scoping import as_filter
from incidentkit.flows.setting import Setting
from incidentkit.ids import SYSTEM_ACTOR
from incidentkit.model.incident import Incident
from incidentkit.model.labels import Tlp
from incidentkit.ports.query import (
    EVERYTHING,
    NOTHING,
    AllOf,
    AnyOf,
    Compare,
    Cursor,
    Filter,
    Not,
    OneOf,
    Op,
    Query,
)
from incidentkit.ports.search import Among
from incidentkit.rules import access

T = TypeVar("T")

MOST = 4_000
"""Admissions of one party, and incidents closed to one party, that a question can carry."""
_PAGE = 500
_OF_INCIDENT = {"alert": "incident", "report": "incident", "review": "incident"}
"""Kinds that belong to an incident, and the column that names it by its id."""
_ASKED = frozenset(("incident", "problem", "maintenance", "silence", "change", *_OF_INCIDENT))
"""Kinds about which a host's authoriser is asked."""
_OPEN = frozenset(("adoption",))
"""Kinds that everybody in a tenant may read: the policy in force."""
PLAIN = (
    fx.Ask,
    fx.Owners,
    fx.Now,
    fx.NewId,
    fx.NewToken,
    fx.NewNumber,
    fx.Commit,
    fx.Drop,
    fx.Send,
)
"""Effects that show nothing of a record. What `Owners` gives, only `Load` makes a record of."""
QUEUE = (fx.Tasks, fx.Heads, fx.Inspect, fx.Queued, fx.Unattended)
"""Effects of flows that ask for a permission of their own; no reading flow may use them."""
NARROWED = (fx.Load, fx.Find, fx.Count, fx.Tally, fx.Search, fx.History)
"""Effects that bring only what may be seen."""


class Sight:
    """What the actors of a setting may see together, for one call.

    `read` collects incidents under a label that is to be watched: id -> (reference, label).
    """

    def __init__(self, setting: Setting, action: str = "", *, people: bool = False) -> None:
        self.setting: Setting = setting
        self.action: str = action
        self.people: bool = people
        self.terms: access.AccessTerms = setting.policy.access
        actors = tuple(dict.fromkeys((setting.actor, setting.by)))
        if people:  # a host that acts for somebody sees with their eyes
            actors = tuple([x for x in actors if x != SYSTEM_ACTOR]) or (SYSTEM_ACTOR,)
        self.actors: tuple[str, ...] = actors
        self.failed: bool = False
        self.read: dict[str, tuple[str, str]] = {}
        self._scopes: dict[str, Filter | None] = {}
        self._own: dict[str, tuple[str, ...]] = {}
        self._closed: tuple[Incident, ...] | None = None

    @property
    def full(self) -> bool:
        """Whether nothing is hidden from them, and nothing of it is written down."""
        if self.setting.hosted:
            return False
        watched = self.terms.read_audit is not None and self.actors != (SYSTEM_ACTOR,)
        return not watched and all(access.clearance(self.terms, x).full for x in self.actors)

    @property
    def system(self) -> bool:
        """Whether it is the library's own work, for nobody."""
        return self.actors == (SYSTEM_ACTOR,)

    # --- the boundary ---

    def through(self, flow: Flow[T]) -> Flow[T]:
        """Run a reading flow, with each of its effects narrowed to what may be seen."""
        step: Any = flow.send
        value: Any = None
        try:
            while True:
                try:
                    effect = step(value)
                except StopIteration as stop:
                    return cast("T", stop.value)
                try:
                    value = yield from self._narrowed(effect)
                    step = flow.send
                except Exception as error:
                    value, step = error, flow.throw
        finally:
            flow.close()

    def _narrowed(self, effect: Effect[object]) -> Flow[object]:
        if isinstance(effect, PLAIN):
            return (yield from cast("Effect[object]", effect))
        if isinstance(effect, fx.Load):
            return (yield from self.load(cast("fx.Load[object]", effect)))
        if isinstance(effect, fx.Find):
            found = cast("fx.Find[object]", effect)
            query = yield from self._query(found.query)
            page = yield from Find(found.kind, query)
            self._note(page.items)
            return page
        if isinstance(effect, fx.Count):
            return (yield from fx.Count((yield from self._query(effect.query))))
        if isinstance(effect, fx.Tally):
            return (yield from fx.Tally((yield from self._query(effect.query)), effect.column))
        if isinstance(effect, fx.Search):
            among: list[Among] = []
            for each in effect.query.among:
                where = yield from self._query(Query(each.kind, each.where))
                among.append(Among(each.kind, where.where))
            return (yield from fx.Search(attrs.evolve(effect.query, among=tuple(among))))
        if isinstance(effect, fx.History):
            seen = yield from self.visible(effect.kind, effect.id)
            return (yield from effect) if seen else ()
        if isinstance(effect, QUEUE):
            actor = self.setting.actor
            raise NotAuthorised(actor, self.action or "read", "queue", "it was not asked for")
        raise TypeError(f"nobody says what may be seen of {type(effect).__name__}")

    def _query(self, query: Query) -> Flow[Query]:
        allowed = yield from self.scope(query.kind, query.where)
        if allowed is None:
            return query
        return attrs.evolve(query, where=AllOf((query.where, allowed)))

    def load(self, effect: fx.Load[T]) -> Flow[tuple[T | None, ...]]:
        """Records by id, those that may not be seen left out."""
        found = yield from effect
        kind = effect.kind.name
        if kind in _OPEN or not any(x is not None for x in found):
            return found
        if kind == "delivery":
            seen: list[T | None] = []
            for each in found:
                subject = "" if each is None else str(getattr(each, "subject", ""))
                seen.append(each if (yield from self._named(subject)) else None)
            return tuple(seen)
        allowed = yield from self.scope(kind)
        if allowed is None:
            self._note(found)
            return found
        refs = tuple([str(getattr(x, "ref", "")) for x in found if x is not None])
        inside: set[object] = set()
        for start in range(0, len(refs) if kind in BY_NAME else 0, _PAGE):
            some = refs[start : start + _PAGE]
            where = AllOf((OneOf("ref", some), allowed))
            page = yield from Find(cast("Kind[Any]", effect.kind), Query(kind, where, limit=_PAGE))
            inside.update(x.id for x in page.items)
        kept: list[T | None] = []
        for each in found:
            shown = each is not None and getattr(each, "id", None) in inside
            if shown and kind in _OF_INCIDENT:
                shown = yield from self.visible("incident", str(getattr(each, "incident", "")))
            kept.append(each if shown else None)
        self._note(kept)
        return tuple(kept)

    def visible(self, kind: str, id_: str) -> Flow[bool]:
        """Whether there is such a record, and they may see it."""
        stored: Kind[Any] | None = BY_NAME.get(kind)
        if stored is None:
            return (yield from self.scope(kind)) is None
        (found,) = yield from self.load(Load(stored, (id_,)))
        return found is not None

    def _named(self, name: str) -> Flow[bool]:
        kind, _, id_ = name.partition("/")
        return (yield from self.visible(kind, id_))

    def _note(self, values: Iterable[object]) -> None:
        level = self.terms.read_audit
        if level is None or self.system:
            return
        for each in values:
            if isinstance(each, Incident):
                label = each.dossier.scope.label
                if label is not None and label.level.rank >= level.rank:
                    self.read[each.id] = (each.ref, str(label))

    # --- scopes ---

    def scope(self, kind: str, where: Filter = EVERYTHING) -> Flow[Filter | None]:
        """The filter of what they may see of a kind; None where no filter is needed.

        `where` is what was asked: one that names the incidents is judged by these alone.
        """
        if kind in _OPEN:
            return None
        if kind == "delivery":
            return (yield from self._pinned(where, "subject", ""))
        if kind in self._scopes:
            known = self._scopes[kind]
        else:
            parts: list[Filter | None] = []
            for actor in self.actors:
                if self.setting.hosted:
                    parts.append((yield from self._hosted(actor, kind)))
                if kind not in _OF_INCIDENT:
                    parts.append((yield from self._own_opinion(actor, kind)))
            known = self._scopes[kind] = _both(parts)
        if kind in _OF_INCIDENT:
            beside = yield from self._pinned(where, _OF_INCIDENT[kind], "incident/")
            return _both((known, beside))
        return known

    def _pinned(self, where: Filter, column: str, prefix: str) -> Flow[Filter | None]:
        """Whether the records that the question names may be seen; else all but what is closed."""
        names = _equal(where, column)
        if names is not None:
            for name in names:
                if name and not (yield from self._named(f"{prefix}{name}")):
                    return NOTHING
            return None
        clear = [access.clearance(self.terms, x) for x in self.actors]
        if not prefix or any(x.nothing for x in clear):
            return NOTHING
        if all(x.full for x in clear):
            return None
        closed = yield from self._closed_incidents()
        return Not(OneOf(column, tuple([x.id for x in closed]))) if closed else None

    def _hosted(self, actor: str, kind: str) -> Flow[Filter | None]:
        if kind not in _ASKED:
            return NOTHING
        answer = yield from Ask(ScopeOf(actor, kind))
        if answer.failed:
            self.failed = True
        return NOTHING if answer.condition is None else as_filter(answer.condition)

    def _own_opinion(self, actor: str, kind: str) -> Flow[Filter | None]:
        clear = access.clearance(self.terms, actor)
        if clear.full:
            return None
        if kind == "incident":
            return (yield from self._incidents(actor, clear))
        if clear.nothing or kind not in _ASKED:
            return NOTHING
        if kind == "problem":
            hidden = yield from self._closed_problems()
            return Not(OneOf("ref", hidden)) if hidden else None
        return None

    def _incidents(self, actor: str, clear: access.Clearance) -> Flow[Filter]:
        """What is open to them, what is theirs by a column, and what they were let in to."""
        inside: tuple[Filter, ...] = ()
        if not clear.every:
            inside = (OneOf("compartments", clear.sets()),)
        ways: list[Filter] = []
        if not clear.nothing:
            closed = () if clear.private else (Compare("private", Op.EQ, False),)
            ways.append(AllOf((*closed, Compare("level", Op.LE, clear.level), *inside)))
        names = self.terms.names(actor)
        mine = AnyOf(tuple([OneOf(x, names) for x in ("assignee", "owner", "team")]))
        ways.append(AllOf((mine, *inside)))
        own = yield from self._admitted(actor)
        if own:
            ways.append(OneOf("ref", own))
        return AnyOf(tuple(ways))

    def _admitted(self, actor: str) -> Flow[tuple[str, ...]]:
        """The references of incidents that they have to do with, or were let in to."""
        if actor in self._own:
            return self._own[actor]
        at = yield from Now()
        ids: dict[str, None] = {}
        after: Cursor | None = None
        where = OneOf("party", self.terms.names(actor))
        for _ in range(MOST // _PAGE):
            query = Query("admission", where, "changed_at", True, after, _PAGE)
            page = yield from Find(ADMISSION, query)
            ids.update(dict.fromkeys(x.incident for x in page.items))
            after = page.next
            if after is None:
                break
        names, refs = tuple(ids), list[str]()
        for start in range(0, len(names), _PAGE):
            found = yield from Load(INCIDENT, names[start : start + _PAGE])
            refs += [
                x.ref for x in found if x is not None and access.sees(self.terms, actor, x, at)
            ]
        self._own[actor] = tuple(refs)
        return self._own[actor]

    def _closed_incidents(self) -> Flow[tuple[Incident, ...]]:
        """The incidents that they may not see, though others of the tenant may."""
        if self._closed is not None:
            return self._closed
        closed: dict[str, Incident] = {}
        for actor in self.actors:
            clear = access.clearance(self.terms, actor)
            if clear.full:
                continue
            hidden = Not((yield from self._incidents(actor, clear)))
            for column, side in _sides(clear):
                query = Query("incident", AllOf((side, hidden)), column, limit=_PAGE)
                yield from self._collect(query, closed)
        self._closed = tuple(closed.values())
        return self._closed

    def _collect(self, query: Query, closed: dict[str, Incident]) -> Flow[None]:
        while True:
            page = yield from Find(INCIDENT, query)
            closed.update((x.id, x) for x in page.items)
            if len(closed) > MOST:
                problem = f"more than {MOST} incidents are closed to you; name the one you mean"
                raise LimitExceeded("filters", problem)
            if page.next is None:
                return
            query = attrs.evolve(query, after=page.next)

    def _closed_problems(self) -> Flow[tuple[str, ...]]:
        """Problems behind incidents that are all closed to them."""
        closed = yield from self._closed_incidents()
        hidden = {f"incident/{x.id}" for x in closed}
        ids = dict.fromkeys(
            link.target.partition("/")[2]
            for incident in closed
            for link in incident.ties.links
            if link.target.startswith("problem/")
        )
        names, refs = tuple(ids), list[str]()
        for start in range(0, len(names), _PAGE):
            for problem in (yield from Load(PROBLEM, names[start : start + _PAGE])):
                of = [] if problem is None else [x.target for x in problem.links]
                behind = [x for x in of if x.startswith("incident/")]
                if problem is not None and behind and hidden.issuperset(behind):
                    refs.append(problem.ref)
        return tuple(refs)


def _sides(clear: access.Clearance) -> list[tuple[str, Filter]]:
    """By which column an incident can be closed to somebody, and how: few are, so few are read."""
    sides: list[tuple[str, Filter]] = []
    if not clear.private:
        sides.append(("id", Compare("private", Op.EQ, True)))
    if clear.level < Tlp.RED.rank:
        sides.append(("level", Compare("level", Op.GT, clear.level)))
    if not clear.every:
        sides.append(("compartments", Compare("compartments", Op.GT, "")))
    return sides


def _both(parts: Iterable[Filter | None]) -> Filter | None:
    """What every part lets through; None where none of them needs a filter."""
    needed = tuple([x for x in parts if x is not None])
    if not needed:
        return None
    return needed[0] if len(needed) == 1 else AllOf(needed)


def _equal(where: Filter, column: str) -> tuple[str, ...] | None:
    """The values that the column must have one of; None where the question does not say."""
    match where:
        case Compare(name, Op.EQ, value) if name == column:
            return (str(value),)
        case OneOf(name, values) if name == column:
            return tuple([str(x) for x in values])
        case AllOf(parts):
            for part in parts:
                found = _equal(part, column)
                if found is not None:
                    return found
        case _:
            pass
    return None
