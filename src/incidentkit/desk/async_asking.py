"""The questions with `await`. Written from `asking.py`; see ADR 4."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from incidentkit.desk import queries
from incidentkit.desk.building import Subject
from incidentkit.errors import NotFound
from incidentkit.flows import reading
from incidentkit.flows.effects import Flow, Found
from incidentkit.flows.execute import Record
from incidentkit.flows.kinds import REVIEW
from incidentkit.flows.setting import Setting
from incidentkit.model.delivery import Delivery
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.model.words import LinkKind
from incidentkit.ports.query import Cursor

if TYPE_CHECKING:
    from incidentkit.model.problem import Problem
    from incidentkit.model.review import Review
    from incidentkit.views.explanation import Explanation
    from incidentkit.views.review import ReviewPage
    from incidentkit.views.timeline import Line

T = TypeVar("T")


class AsyncAsking:
    """Questions to `AsyncDesk`."""

    @abstractmethod
    async def run(
        self,
        make: Callable[[], Flow[T]],
        action: str = "call",
        *,
        repeatable: bool = False,
        setting: Setting | None = None,
        remembers: bool = False,
    ) -> T:
        """Run a flow to its end."""

    @abstractmethod
    async def setting(self, by: str | None = None, request: str | None = None) -> Setting:
        """The surroundings in which a call of this desk is decided."""

    @abstractmethod
    async def get(self, of: Subject) -> Record:
        """A record as it stands now. Raises NotFound."""

    @abstractmethod
    async def incident(self, of: Subject) -> Incident:
        """An incident as it stands now. Raises NotFound."""

    @abstractmethod
    async def problem(self, of: Subject) -> Problem:
        """A problem as it stands now. Raises NotFound."""

    @abstractmethod
    async def journal(self, of: Subject) -> tuple[JournalEntry, ...]:
        """Everything that happened to a record, as data. Raises NotFound."""

    async def deliveries(self, of: Subject) -> tuple[Delivery, ...]:
        """The messages of an incident and what became of each, oldest first. Raises NotFound."""
        incident = await self.incident(of)
        where = {"subject": f"incident/{incident.id}"}
        query = queries.query("delivery", "id", False, None, 1000, where)
        return await self.run(lambda: reading.deliveries(query), "deliveries")

    async def timeline(self, of: Subject) -> tuple[Line, ...]:
        """Everything that happened, one sentence each. Raises NotFound."""
        from incidentkit.views.timeline import timeline

        return timeline(await self.journal(of))

    async def explain(self, of: Subject, topic: str = "priority") -> Explanation:
        """Why it is as it is; the topics are those of `incidentkit.views.explain.TOPICS`."""
        from incidentkit.views.explain import explain

        return explain(await self.get(of), await self.journal(of), topic)

    async def review(self, of: Subject, *, public: bool = False) -> ReviewPage:
        """The post-incident review: filled from the journal, with what people wrote.

        `public` gives the version that strangers may read: only what the policy lets out.
        """
        from incidentkit.views.review import public_version, review

        incident = await self.incident(of)
        setting = await self.setting()
        where = {"incident": incident.id}
        query = queries.query("review", "changed_at", True, None, 1, where)
        found = await self.run(lambda: reading.find(setting, REVIEW, query), "review")
        record = found.items[0] if found.items else None
        entries = await self.journal(incident)
        terms = setting.policy.review
        if public:
            return public_version(incident, entries, record, terms)
        causes = [x for x in incident.ties.links if x.kind is LinkKind.CAUSED_BY]
        problems: list[Problem] = []
        for link in causes:
            try:
                problems.append(await self.problem(link.target))
            except NotFound:  # it is not for this actor's eyes
                continue
        return review(incident, entries, tuple(problems), record, terms.sections)

    async def find_reviews(
        self,
        *,
        order: str = "changed_at",
        descending: bool = True,
        after: Cursor | None = None,
        limit: int = 100,
        **filters: Any,
    ) -> Found[Review]:
        """One page of reviews; columns: ref, state, incident (an id), owner, open_items, due_at."""
        query = queries.query("review", order, descending, after, limit, filters)
        setting = await self.setting()
        return await self.run(lambda: reading.find(setting, REVIEW, query), "find")
