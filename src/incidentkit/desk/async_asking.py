"""The questions with `await`. Written from `asking.py`; see ADR 4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from incidentkit.desk import queries
from incidentkit.desk.async_part import AsyncPart
from incidentkit.desk.building import Subject, instant, subject
from incidentkit.errors import InvalidValue, NotFound
from incidentkit.flows import reading
from incidentkit.flows.effects import Found
from incidentkit.flows.kinds import ALERT, BY_NAME, REVIEW, kind_of
from incidentkit.model.delivery import Delivery
from incidentkit.model.words import LinkKind
from incidentkit.ports.query import Cursor

if TYPE_CHECKING:
    from incidentkit.flows.searching import HitCursor, Hits
    from incidentkit.flows.suggesting import Suggestions
    from incidentkit.model.problem import Problem
    from incidentkit.model.report import Report
    from incidentkit.model.review import Review
    from incidentkit.rules.match import Match
    from incidentkit.rules.pareto import Pareto
    from incidentkit.rules.recur import Recurring
    from incidentkit.views.explanation import Explanation
    from incidentkit.views.metrics import Metrics
    from incidentkit.views.overview import Overview
    from incidentkit.views.review import ReviewPage
    from incidentkit.views.timeline import Line

T = TypeVar("T")


class AsyncAsking(AsyncPart):
    """Questions to `AsyncDesk`."""

    async def deliveries(self, of: Subject) -> tuple[Delivery, ...]:
        """The messages about a record and what became of each, oldest first. Raises NotFound."""
        record = await self.get(of)
        where = {"subject": f"{kind_of(record)}/{record.id}"}
        query = queries.query("delivery", "id", False, None, 1000, where)
        return await self.run(lambda: reading.deliveries(query), "deliveries")

    async def known_errors(
        self, *, audiences: tuple[str, ...] | None = None
    ) -> tuple[Problem, ...]:
        """The problems with a published known error; for some audiences, or for all."""
        from incidentkit.flows import recognising

        setting = await self.setting()
        return await self.run(lambda: recognising.published(setting, audiences), "known_errors")

    async def recognise(
        self, of: Subject, *, audiences: tuple[str, ...] | None = None
    ) -> tuple[Match, ...]:
        """The known errors that an incident may be an instance of, scored, the likeliest first.

        Raises NotFound.
        """
        from incidentkit.flows import recognising

        setting = await self.setting()
        return await self.run(
            lambda: recognising.matches(setting, subject(of), audiences), "known_errors"
        )

    async def recurring(self, rule: str | None = None, *, at: datetime | None = None) -> Recurring:
        """Groups of incidents that recur by the policy's rules, or by one of them.

        `at` is the instant as of which is asked; default: now. Raises NotFound for an unknown rule.
        """
        from incidentkit.flows import recurring

        setting = await self.setting()
        when = instant(at, "at")
        return await self.run(lambda: recurring.recurring(setting, rule, when), "recurring")

    async def pareto(
        self, by: str = "category", *, since: datetime | None = None, until: datetime | None = None
    ) -> Pareto:
        """Incidents by `service`, `category`, `labels.NAME` ..., in order of count and of downtime.

        Raises InvalidValue for a key by which nothing can be grouped.
        """
        from incidentkit.flows import recurring

        setting = await self.setting()
        start, end = instant(since, "since"), instant(until, "until")
        _ = queries.texted(by, "by")
        return await self.run(lambda: recurring.pareto(setting, by, start, end), "pareto")

    async def find_records(
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
        setting = await self.setting()
        return await self.run(lambda: reading.find(setting, stored, query), "find")

    async def reports(self, of: Subject) -> tuple[Report, ...]:
        """The reports of an incident, oldest first: who told it, and what they say of its end.

        Raises NotFound.
        """
        from incidentkit.flows.contents import reported

        incident = await self.incident(of)
        return await self.run(lambda: reported(incident.id), "reports")

    async def timeline(self, of: Subject) -> tuple[Line, ...]:
        """Everything that happened, one sentence each. Raises NotFound."""
        from incidentkit.views.timeline import timeline

        entries = await self.journal(of)
        setting = await self.setting()
        if setting.policy.access.read_audit is not None:
            from incidentkit.flows.reading_audit import with_readings

            alone = entries
            entries = await self.run(
                lambda: with_readings(setting, alone), "timeline", setting=setting
            )
        return timeline(entries)

    async def explain(self, of: Subject, topic: str = "priority") -> Explanation:
        """Why it is as it is; the topics are those of `incidentkit.views.explain.TOPICS`."""
        from incidentkit.views.explain import explain
        from incidentkit.views.explain_status import Around

        asked = queries.texted(topic, "topic")
        setting = await self.setting()
        around = Around(setting.policy.lifecycle, self.ports.now())
        return explain(await self.get(of), await self.journal(of), asked, around)

    async def search(
        self,
        text: str,
        *,
        kinds: str | Sequence[str] | None = None,
        after: HitCursor | None = None,
        limit: int = 20,
        **filters: Any,
    ) -> Hits:
        """Records in whose words all of `text` stands, best first.

        Words in quotation marks stand side by side, `vpn*` is whatever begins so; endings, case
        and diacritics do not matter. `kinds` are `incident` and `problem`; filters are columns as
        in `find`; `after` takes the `next` of the page before.

        Raises InvalidValue where there is no word, or a filter that a kind does not have.
        """
        from incidentkit.flows.searching import HitCursor, search
        from incidentkit.lang.words import needles

        wanted = needles(queries.texted(text, "text"))
        among, most = queries.among(kinds, filters), queries.bounded(limit)
        if after is not None and not isinstance(cast("object", after), HitCursor):
            raise InvalidValue("after", "must be the `next` of the page before")
        setting = await self.setting()
        return await self.run(lambda: search(setting, wanted, among, after, most), "search")

    async def suggest(
        self, of: Subject, *, limit: int = 5, audiences: tuple[str, ...] | None = None
    ) -> Suggestions:
        """What may help with an incident: known errors, similar incidents, changes before it.

        `audiences` are those whose known errors may be shown (default: all, and the workarounds
        that were published to nobody). Each is scored in per mille, with a Reason that can be run
        again. Raises NotFound.
        """
        from incidentkit.flows.suggesting import suggestions

        most = queries.bounded(limit)
        setting = await self.setting()
        return await self.run(lambda: suggestions(setting, subject(of), most, audiences), "suggest")

    async def metrics(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        zone: str = "UTC",
        zones: Mapping[str, str] | None = None,
        **filters: Any,
    ) -> Metrics:
        """Figures about the incidents declared from `since` (30 days ago) up to `until` (now).

        Filters are columns as in `find`. `zone` is where people live, `zones` names it for some;
        both matter only for the hours at which they were paged. Every journal is read, so a long
        window takes its time.

        Raises InvalidValue for a window that ends before it begins and for a zone nobody knows.
        """
        from incidentkit.flows.measuring import measured
        from incidentkit.views.metrics_defined import metrics

        now = self.ports.now()
        window = queries.window(since, until, now)
        if not isinstance(cast("object", zones), Mapping | None):
            raise InvalidValue("zones", "must map names of people to time zones")
        home, homes = queries.zone(zone), {x: queries.zone(y) for x, y in (zones or {}).items()}
        query = queries.declared_in(window, filters)
        setting = await self.setting()
        ground = await self.run(lambda: measured(setting, query), "metrics")
        return metrics(ground.measured, *window, homes, home, now, ground.works)

    async def overview(
        self, for_: str | None = None, *, teams: Sequence[str] = (), limit: int = 10
    ) -> Overview:
        """What is going on: lists of the incidents that are not over, each with its number.

        `for_` puts what is assigned to that person first, `teams` what those groups have; a group
        may also stand in `for_`. Each list shows `limit` incidents at most.
        """
        from incidentkit.flows.overviewing import gather
        from incidentkit.views.overview import overview

        person = () if for_ is None else (queries.texted(for_, "for_"),)
        groups = tuple(dict.fromkeys((*queries.listed(teams, "teams"), *person)))
        most = queries.bounded(limit)
        setting = await self.setting()
        gathered = await self.run(lambda: gather(setting, for_, groups, most), "overview")
        return overview(gathered, for_)

    async def brief(self, of: Subject) -> str:
        """What whoever takes an incident over must know, drawn from the record. Raises NotFound."""
        from incidentkit.views.brief import brief

        incident = await self.incident(of)
        return brief(incident, await self.journal(incident))

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
