"""Incidents and problems as the rules make them, told step by step without a desk.

The helper keeps the order of a desk: decide, apply, react, prioritise, clocks, ring, page, tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import problem as p
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Card, Incident, Link
from incidentkit.model.journal import Event, JournalEntry, Recorded
from incidentkit.model.problem import Problem
from incidentkit.model.reason import Reason
from incidentkit.model.words import LinkKind, MessageKind
from incidentkit.policy.document import Policy
from incidentkit.policy.load import default_policy
from incidentkit.rules import (
    clocks,
    communicate,
    escalate,
    lifecycle,
    prioritise,
    problem_lifecycle,
    react,
)
from incidentkit.rules.evolve import birth, evolve

START = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def kind_of(event: Event) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()


def entry(event: Event, seq: int = 1, at: datetime = START, **more: Any) -> JournalEntry:
    """One entry by itself; `more` goes into what is recorded."""
    recorded = Recorded(at, more.pop("by", "ana"), event, **more)
    return JournalEntry("incident/1", seq, at, kind_of(event), recorded)


def redact(entries: Iterable[JournalEntry], *seqs: int) -> tuple[JournalEntry, ...]:
    """The same entries with some redacted; without numbers, all."""
    return tuple(
        JournalEntry(x.stream, x.seq, x.at, x.kind, None) if not seqs or x.seq in seqs else x
        for x in entries
    )


class Story:
    """One incident and its journal."""

    incident: Incident

    def __init__(self, policy: Policy | None = None) -> None:
        self.policy = policy or default_policy()
        self.at = START
        self.entries: list[JournalEntry] = []
        self.fresh: list[Event] = []

    def declare(
        self,
        title: str = "Checkout answers 502",
        *,
        by: str = "ana",
        for_: str = "",
        service: str | None = "checkout",
        impact: str = "high",
        urgency: str = "high",
        assign: str | None = "ana",
        candidate: bool = False,
        reporter: str | None = None,
        reason: Reason | None = None,
        labels: dict[str, str] | None = None,
        detected: datetime | None = None,
    ) -> Story:
        card = Card(title, "", service, FrozenMap(labels or {}), "", reporter)
        born = e.Declared("1", "INC-1", card, candidate, None, detected)
        self.incident = birth(born, self.at)
        self._write(born, by, None, for_)
        self.fresh.append(born)
        if (impact, urgency) != ("unknown", "unknown"):
            self.happen(e.Rated(impact, urgency, ""), by=by, for_=for_, reason=reason)
        if assign:
            self.happen(e.Assigned(assign, None), by=by, for_=for_)
        self.settle()
        return self

    def do(self, command: c.Command, by: str = "ana", for_: str = "", after: int = 1) -> Story:
        """Carry out a command so many minutes later."""
        self.at += minutes(after)
        terms = self.policy.lifecycle
        for event in lifecycle.decide(self.incident, command, self.at, for_ or by, terms):
            self.happen(event, by=by, for_=for_)
            for more in react.react(self.incident, event, terms):
                for followed in lifecycle.decide(self.incident, more, self.at, "system", terms):
                    self.happen(followed, by="system")
        return self.settle()

    def wait(self, after: int) -> Story:
        """So many minutes pass, and what is due happens."""
        self.at += minutes(after)
        return self.settle()

    def happen(
        self, event: Event, by: str = "system", reason: Reason | None = None, for_: str = ""
    ) -> Story:
        self.incident = evolve(self.incident, event, self.at, for_ or by)
        self._write(event, by, reason, for_)
        self.fresh.append(event)
        return self

    def _write(self, event: Event, by: str, reason: Reason | None, for_: str) -> None:
        recorded = Recorded(self.at, by, event, reason, for_)
        seq = len(self.entries) + 1
        self.entries.append(JournalEntry("incident/1", seq, self.at, kind_of(event), recorded))

    def settle(self) -> Story:
        policy, happened = self.policy, tuple(self.fresh)
        rating = self.incident.rating
        new = any(isinstance(x, e.Declared) for x in happened)
        if any(isinstance(x, e.Rated | e.Declared) for x in happened) and not rating.by_hand:
            drawn = prioritise.prioritise(rating.impact, rating.urgency, policy.matrix, policy.hash)
            if new or (drawn.priority, drawn.provisional) != (rating.priority, rating.provisional):
                was = None if new else rating.priority
                event = e.Prioritised(drawn.priority, was, drawn.provisional, False)
                self.happen(event, reason=drawn.reason)
        for moved, why in clocks.follow(self.incident, policy.targets, policy.hash):
            self.happen(moved, reason=why)
        for said in clocks.ring(self.incident, self.at):
            self.happen(said)
        for holder in escalate.lapsed(self.incident, self.at):
            self.happen(e.LeaseLapsed(holder))
        self._page()
        for happening in tuple(self.fresh):
            owed = communicate.owed(self.incident, kind_of(happening), policy.notices, policy.hash)
            for rule, why in owed:
                text = communicate.written(self.incident, rule)
                self.happen(e.NoticeQueued(rule.audience, text, 1), reason=why)
        self.fresh.clear()
        return self

    def _page(self) -> None:
        round_ = escalate.escalate(self.incident, self.policy.paging, self.at, self.policy.hash)
        if round_ is None:
            return
        if not round_.to:
            if any(isinstance(x, e.Prioritised) for x in self.fresh):
                self.happen(e.PageWithheld(round_.number), reason=round_.reason)
            return
        for party in round_.to:
            delivery = f"d{len(self.entries)}"
            self.happen(e.PageQueued(delivery, party, "sms", round_.number), reason=round_.reason)
        planned = e.PagingPlanned(round_.number, round_.next_at)
        self.happen(planned, reason=round_.reason)

    def delivered(self, to: str, state: str, detail: str = "", after: int = 0) -> Story:
        """What became of the last page to somebody."""
        self.at += minutes(after)
        last = [
            x.recorded.event
            for x in self.entries
            if x.recorded and isinstance(x.recorded.event, e.PageQueued)
        ]
        page = [x for x in last if x.to == to][-1]
        self.happen(
            e.DeliverySettled(page.delivery, MessageKind.PAGE, to, page.channel, state, detail)
        )
        return self

    def link_problem(self, ref: str = "PRB-1") -> Story:
        return self.happen(e.Linked(LinkKind.CAUSED_BY, "problem/9", ref), by="ana")


class ProblemStory:
    """One problem and its journal."""

    def __init__(self, title: str = "Connection pool leaks") -> None:
        raised = p.ProblemRaised("9", "PRB-1", title, "", "checkout", "software", "bob")
        self.at = START
        self.problem: Problem = problem_lifecycle.birth(raised, START)
        self.entries = [
            JournalEntry("problem/9", 1, START, kind_of(raised), Recorded(START, "bob", raised))
        ]
        self.happen(p.ProblemLinked(Link(LinkKind.CAUSES, "incident/1", "INC-1")))

    def do(self, command: c.Command, after: int = 1) -> ProblemStory:
        self.at += minutes(after)
        for event in problem_lifecycle.decide(self.problem, command, self.at):
            self.happen(event)
        return self

    def happen(self, event: Event) -> ProblemStory:
        self.problem = problem_lifecycle.evolve(self.problem, event, self.at)
        recorded = Recorded(self.at, "bob", event)
        seq = len(self.entries) + 1
        self.entries.append(JournalEntry("problem/9", seq, self.at, kind_of(event), recorded))
        return self


def long_story() -> Story:
    """A P1 with everything: pages, a lapse of attention, a hold, a notice, an end."""
    story = Story().declare(reporter="carl", detected=START - minutes(4))
    story.delivered("ana", "sent", "sms-77")
    story.wait(5)
    story.delivered("on-call", "refused", "no such number")
    story.do(c.Acknowledge("INC-1"))
    story.do(c.TakeRole("INC-1", role="commander"))
    story.do(c.Hold("INC-1", reason="vendor", court="ACME"))
    story.do(c.Resume("INC-1"), after=20)
    story.do(c.Start("INC-1"))
    story.do(c.Mitigate("INC-1"), by="system", for_="bob")
    story.do(c.Reply("INC-1", text="it works again"), by="ana", for_="bob")
    story.link_problem()
    story.do(c.Resolve("INC-1", code="fixed", remedy="rolled back 4.2.1"))
    return story
