"""What people ask of a desk: timelines, explanations, reviews. All of it is read, nothing changes.

Each answer is a view, pure over records and journals that the actor may see.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from incidentkit.desk import queries
from incidentkit.desk.building import Subject, subject
from incidentkit.errors import NotFound
from incidentkit.flows import reading
from incidentkit.flows.effects import Flow, Found
from incidentkit.flows.execute import Record
from incidentkit.flows.kinds import ALERT, BY_NAME, kind_of
from incidentkit.flows.setting import Setting
from incidentkit.model.delivery import Delivery
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.model.words import LinkKind
from incidentkit.ports.query import Cursor

if TYPE_CHECKING:
    from incidentkit.model.problem import Problem
    from incidentkit.model.review import Review as ReviewRecord
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
        """The messages about a record and what became of each, oldest first. Raises NotFound."""
        record = self.get(of)
        where = {"subject": f"{kind_of(record)}/{record.id}"}
        query = queries.query("delivery", "id", False, None, 1000, where)
        return self.run(lambda: reading.deliveries(query), "deliveries")

    def find_records(
        self,
        kind: str,
        *,
        order: str = "changed_at",
        descending: bool = True,
        after: Cursor | None = None,
        limit: int = 100,
        **filters: Any,
    ) -> Found[Any]:
        """One page of a kind (maintenance, silence, review, alert ...) by its columns.

        Raises NotFound for a kind that there is not; see `find` for the rest.
        """
        stored = {**BY_NAME, "alert": ALERT}.get(kind)
        if stored is None:
            raise NotFound("kind of record", kind, (*BY_NAME, "alert"))
        query = queries.query(kind, order, descending, after, limit, filters)
        setting = self.setting()
        return self.run(lambda: reading.find(setting, stored, query), "find")

    def timeline(self, of: Subject) -> tuple[Line, ...]:
        """Everything that happened, one sentence each. Raises NotFound."""
        from incidentkit.views.timeline import timeline

        return timeline(self.journal(of))

    def explain(self, of: Subject, topic: str = "priority") -> Explanation:
        """Why it is as it is: priority, paging, status, clocks, notices, alerts."""
        from incidentkit.views.explain import explain

        return explain(self.get(of), self.journal(of), topic)

    def review(self, of: Subject) -> Review:
        """The review of an incident: what the journal knows, and what people wrote, if any did.

        `of` is the incident or the record of its review. Raises NotFound.
        """
        from incidentkit.views.review import review

        record = self.get(of)
        if kind_of(record) == "review":
            written: ReviewRecord | None = cast("ReviewRecord", record)
            incident = self.incident(f"incident/{cast('ReviewRecord', record).incident}")
        elif isinstance(record, Incident):
            incident = record
            written = self._review_of(incident)
        else:
            raise NotFound("incident", subject(of))
        causes = [x for x in incident.ties.links if x.kind is LinkKind.CAUSED_BY]
        problems: list[Problem] = []
        for link in causes:
            try:
                problems.append(self.problem(link.target))
            except NotFound:  # it is not for this actor's eyes
                continue
        return review(incident, self.journal(incident), tuple(problems), written)

    def _review_of(self, incident: Incident) -> ReviewRecord | None:
        """What people wrote about an incident; None where this actor finds nothing."""
        for link in incident.ties.links:
            if link.kind is LinkKind.REVIEWED_IN:
                try:
                    return cast("ReviewRecord", self.get(link.target))
                except NotFound:
                    return None
        return None

    def public_review(self, of: Subject) -> Review:
        """The version of a review that everybody may read; see `public_version`.

        Raises NotFound where nobody has opened a review of the incident.
        """
        from incidentkit.views.review_public import public_version

        record = self.get(of)
        if kind_of(record) == "review":
            written = cast("ReviewRecord", record)
            incident = self.incident(f"incident/{written.incident}")
        else:
            incident = self.incident(of)
            found = self._review_of(incident)
            if found is None:
                raise NotFound("review", f"of {incident.ref}")
            written = found
        setting = self.setting()
        events = setting.policy.review.public_events
        return public_version(written, incident, self.journal(incident), events)
