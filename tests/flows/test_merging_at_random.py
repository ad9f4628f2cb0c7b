"""Merges, un-merges, splits and moves in any order: nothing is lost, doubled or miscounted.

A model keeps in which incident each alert and report ought to be; after every step the desk must
agree, tallies and records alike. An un-merge gives back exactly what the model says is still there.
"""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from incidentkit import Desk, ManualTime, Merge, MoveAlerts, MoveReports, Split, Unmerge
from incidentkit.errors import IncidentKitError
from incidentkit.flows.kinds import ALERT, REPORT
from tests.flows import world
from tests.flows.world import alert, cleared, payload

numbers = st.integers(1, 6)
few = st.sets(st.integers(0, 9), max_size=3)


class Merging(RuleBasedStateMachine):
    """Incidents INC-1.., each with alerts and reports that move about."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk.open("memory:", time=ManualTime())
        self.alerts: dict[str, str] = {}
        self.reports: dict[str, str] = {}
        self.merged: dict[str, tuple[str, set[str]]] = {}
        self.count = 0
        self.fired = 0

    @initialize()
    def begin(self) -> None:
        for _ in range(3):
            self.open_one()

    def teardown(self) -> None:
        self.desk.disconnect()

    @rule()
    def open_one(self) -> None:
        if self.count >= 6:
            return
        self.count += 1
        ref = f"INC-{self.count}"
        self.fire(ref, self.count)
        self.report(self.count)

    def fire(self, ref: str, number: int) -> None:
        self.fired += 1
        name = f"a{self.fired}"
        _ = self.desk.receive("alertmanager", payload(alert(name), group=f"g{number}"))
        found = world.alerts(self.desk)[f"{name} is bad"]
        self.alerts[found.id] = ref

    @rule(number=numbers)
    def report(self, number: int) -> None:
        """A report names an incident; it joins the one that stands for it."""
        if number <= self.count:
            here = self.standing(f"INC-{number}")
            known = set(self.reports)
            got = self.desk.report("No shop", reporter="joe", incident=f"INC-{number}")
            assert got.ref == here
            (fresh,) = {x.id for x in self.desk.reports(here)} - known
            self.reports[fresh] = here

    def standing(self, ref: str) -> str:
        while ref in self.merged:
            ref = self.merged[ref][0]
        return ref

    def of(self, ref: str) -> set[str]:
        return {x for x, home in (self.alerts | self.reports).items() if home == ref}

    def move(self, moved: set[str], to: str) -> None:
        for homes in (self.alerts, self.reports):
            homes.update(dict.fromkeys(moved & set(homes), to))

    @rule(one=numbers, other=numbers)
    def merge(self, one: int, other: int) -> None:
        into, gone = f"INC-{one}", f"INC-{other}"
        allowed = (
            one != other and max(one, other) <= self.count and not {into, gone} & set(self.merged)
        )
        try:
            _ = self.desk.execute(Merge(into, target=gone, reason="x"))
        except IncidentKitError:
            assert not allowed
            return
        assert allowed
        moved = self.of(gone)
        self.merged[gone] = (into, moved)
        self.move(moved, into)

    @rule(number=numbers)
    def unmerge(self, number: int) -> None:
        ref = f"INC-{number}"
        allowed = ref in self.merged and self.merged[ref][0] not in self.merged
        try:
            _ = self.desk.execute(Unmerge(ref, reason="x"))
        except IncidentKitError:
            assert not allowed
            return
        assert allowed
        into, moved = self.merged.pop(ref)
        self.move(moved & self.of(into), ref)

    @rule(one=numbers, other=numbers, picked=few)
    def move_some(self, one: int, other: int, picked: set[int]) -> None:
        here, there = f"INC-{one}", f"INC-{other}"
        alerts, reports = self.pick(here, picked)
        allowed = one != other and max(one, other) <= self.count and there not in self.merged
        for kind, ids in ((MoveAlerts, alerts), (MoveReports, reports)):
            try:
                _ = self.desk.execute(kind(here, there, ids))
            except IncidentKitError:
                assert not (allowed and ids)
            else:
                assert allowed
                self.move(set(ids), there)

    @rule(number=numbers, picked=few)
    def split(self, number: int, picked: set[int]) -> None:
        ref = f"INC-{number}"
        if self.count >= 6 or number > self.count or ref in self.merged:
            return
        alerts, reports = self.pick(ref, picked)
        if alerts or reports:
            found: Any = self.desk.execute(Split(ref, "Else", alerts, reports))
            self.count += 1
            assert found.ref == f"INC-{self.count}"
            self.move({*alerts, *reports}, found.ref)

    def pick(self, ref: str, picked: set[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        alerts = sorted(x for x, home in self.alerts.items() if home == ref)
        reports = sorted(x for x, home in self.reports.items() if home == ref)
        chosen = [[x for n, x in enumerate(ids) if n in picked] for ids in (alerts, reports)]
        return tuple(chosen[0]), tuple(chosen[1])

    @rule(picked=st.integers(0, 9), clears=st.booleans())
    def heard_of(self, picked: int, clears: bool) -> None:
        """An alert clears or fires anew; it is counted where it is now."""
        records = sorted(world.records(self.desk, ALERT), key=lambda x: x.id)
        if picked < len(records):
            name = records[picked].alert.key.removeprefix("fp-")
            sent = cleared(name) if clears else alert(name, value=str(self.fired))
            _ = self.desk.receive("alertmanager", payload(sent, group=records[picked].alert.group))

    @rule()
    def run(self) -> None:
        _ = self.desk.run_due()

    @invariant()
    def everything_is_in_exactly_one_place(self) -> None:
        incidents = {x.id: x for x in self.desk.find(limit=100).items}
        alerts = world.records(self.desk, ALERT)
        reports = world.records(self.desk, REPORT)
        refs = {id_: x.ref for id_, x in incidents.items()}
        assert {x.id: refs[x.incident or ""] for x in alerts} == self.alerts
        assert {x.id: refs[x.incident] for x in reports} == self.reports
        for id_, incident in incidents.items():
            mine = [x for x in alerts if x.incident == id_]
            firing = sum(x.alert.status == "firing" for x in mine)
            told = sum(x.incident == id_ for x in reports)
            ties = incident.ties
            assert (ties.alerts, ties.firing, ties.reports) == (len(mine), firing, told)
            assert incident.active is (incident.ref not in self.merged)


TestMerging = Merging.TestCase
TestMerging.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
