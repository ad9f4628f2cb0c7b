"""What people ask of a desk: timelines, explanations, reviews. All of it is read, nothing changes.

Each answer is a view, pure over records and journals that the actor may see.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from incidentkit.desk import queries
from incidentkit.desk.building import Subject
from incidentkit.errors import NotFound
from incidentkit.flows import reading
from incidentkit.flows.effects import Flow
from incidentkit.flows.execute import Record
from incidentkit.flows.setting import Setting
from incidentkit.model.delivery import Delivery
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.model.words import LinkKind

if TYPE_CHECKING:
    from incidentkit.model.problem import Problem
    from incidentkit.views.explanation import Explanation
    from incidentkit.views.review import Review
    from incidentkit.views.timeline import Line

T = TypeVar("T")


class Asking:
    """Questions to `Desk`."""

    @abstractmethod
    def run(
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
    def setting(self, by: str | None = None, request: str | None = None) -> Setting:
        """The surroundings in which a call of this desk is decided."""

    @abstractmethod
    def get(self, of: Subject) -> Record:
        """A record as it stands now. Raises NotFound."""

    @abstractmethod
    def incident(self, of: Subject) -> Incident:
        """An incident as it stands now. Raises NotFound."""

    @abstractmethod
    def problem(self, of: Subject) -> Problem:
        """A problem as it stands now. Raises NotFound."""

    @abstractmethod
    def journal(self, of: Subject) -> tuple[JournalEntry, ...]:
        """Everything that happened to a record, as data. Raises NotFound."""

    def deliveries(self, of: Subject) -> tuple[Delivery, ...]:
        """The messages of an incident and what became of each, oldest first. Raises NotFound."""
        incident = self.incident(of)
        where = {"subject": f"incident/{incident.id}"}
        query = queries.query("delivery", "id", False, None, 1000, where)
        return self.run(lambda: reading.deliveries(query), "deliveries")

    def timeline(self, of: Subject) -> tuple[Line, ...]:
        """Everything that happened, one sentence each. Raises NotFound."""
        from incidentkit.views.timeline import timeline

        return timeline(self.journal(of))

    def explain(self, of: Subject, topic: str = "priority") -> Explanation:
        """Why it is as it is; the topics are those of `incidentkit.views.explain.TOPICS`."""
        from incidentkit.views.explain import explain

        return explain(self.get(of), self.journal(of), topic)

    def review(self, of: Subject) -> Review:
        """The post-incident review, filled from the journal alone."""
        from incidentkit.views.review import review

        incident = self.incident(of)
        causes = [x for x in incident.ties.links if x.kind is LinkKind.CAUSED_BY]
        problems: list[Problem] = []
        for link in causes:
            try:
                problems.append(self.problem(link.target))
            except NotFound:  # it is not for this actor's eyes
                continue
        return review(incident, self.journal(incident), tuple(problems))
