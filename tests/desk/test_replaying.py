"""Histories brought into a desk: both ways through a file, interrupted, repeated, refused."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from incidentkit import AsyncDesk, Desk, Imported, MemoryStore, replay, reported, rerun
from incidentkit.desk import replaying
from incidentkit.errors import Conflict, InvalidValue, NotAuthorised, Retryable
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry
from incidentkit.model.words import Moment, Priority, State
from incidentkit.ports.rows import Batch, Committed
from incidentkit.rules.authorise import Opinion, Permission
from incidentkit.sources.histories.shipped import mapping_of
from tests.desk import histories
from tests.desk.histories import PLAIN, QUIRKS, REOPENED, case, step, written
from tests.desk.stores import Wrapped

LOG = "servicenow-log"
STRICT = {"lifecycle": {"reopen_closed": False}}


@pytest.fixture(params=["stream", "time"])
def in_time_order(request: pytest.FixtureRequest) -> bool:
    """Both ways through a file."""
    return bool(request.param == "time")


@pytest.fixture
def desk(url: str) -> Iterator[Desk]:
    with Desk.open(url) as opened:
        yield opened


def everything(desk: Desk) -> list[tuple[Incident, tuple[JournalEntry, ...]]]:
    """All records and journals of a desk, by id."""
    found = desk.find(order="id", descending=False, limit=1000).items
    return [(incident, desk.journal(incident)) for incident in found]


def bring(desk: Desk, path: Path, *, in_time_order: bool = False) -> Imported:
    return replay(desk, path, LOG, in_time_order=in_time_order)


# --- what is brought in ---------------------------------------------------------------------------


def test_a_case_becomes_an_incident(desk: Desk, tmp_path: Path, in_time_order: bool) -> None:
    did = bring(desk, written(tmp_path / "log.csv", QUIRKS), in_time_order=in_time_order)
    assert (did.source, did.rows, did.refused) == (LOG, len(QUIRKS), 0)
    plain = desk.incident("INC0000001")
    assert (plain.status, plain.priority, plain.people.team) == (
        State.CLOSED,
        Priority.P3,
        "Group 56",
    )
    assert plain.title == "Category 55 / Subcategory 170 / Symptom 72"
    assert plain.course.ending.code == "code 5"
    times = {moment: f"{at:%d %H:%M}" for moment, at in plain.course.moments.items()}
    assert times == {
        Moment.DECLARED: "29 01:16",
        Moment.MITIGATED: "29 08:53",
        Moment.RESOLVED: "29 11:29",
        Moment.CLOSED: "05 12:00",
    }
    told = [
        (f"{entry.at:%d %H:%M}", entry.recorded.by, entry.kind)
        for entry in desk.journal(plain)
        if entry.recorded is not None and not entry.kind.startswith("clock")
    ]
    assert told == [
        ("29 01:16", "Opened by  8", "declared"),
        ("29 01:23", "Updated by 21", "row_imported"),
        ("29 01:23", "Updated by 21", "rated"),
        ("29 01:23", "system", "prioritised"),
        ("29 01:23", "Updated by 21", "team_changed"),
        ("29 08:53", "Updated by 642", "row_imported"),
        ("29 08:53", "Updated by 642", "resolved"),
        ("29 11:29", "Updated by 804", "row_imported"),
        ("29 11:29", "Updated by 804", "moment_corrected"),
        ("05 12:00", "Updated by 908", "row_imported"),
        ("05 12:00", "Updated by 908", "closed"),
    ]


def test_a_case_that_comes_back(desk: Desk, tmp_path: Path, in_time_order: bool) -> None:
    bring(desk, written(tmp_path / "log.csv", QUIRKS), in_time_order=in_time_order)
    again = desk.incident("INC0000002")
    assert (again.status, again.priority, again.assignee) == (
        State.CLOSED,
        Priority.P1,
        "Resolver 31",
    )
    assert [hold.reason for hold in again.course.holds] == ["user_info", "problem"]
    assert again.life.reopened == 2
    replayed = again.dossier.replayed
    assert replayed is not None
    assert (replayed.row, replayed.ever_reopened, replayed.figures.reopened) == (15, True, 0)
    assert replayed.outside == {}
    assert replayed.moves == {
        "New -> Active": 1,
        "Active -> Awaiting User Info": 1,
        "Awaiting User Info -> Active": 1,
        "Active -> Resolved": 2,
        "Resolved -> Active": 1,
        "Active -> Awaiting Problem": 1,
        "Awaiting Problem -> Resolved": 1,
        "Resolved -> Closed": 2,
        "Closed -> Active": 1,
    }
    waiting = desk.incident("INC0000003")
    assert (waiting.status, waiting.rating.provisional, waiting.card.reporter) == (
        State.ON_HOLD,
        True,
        "Caller 9",
    )


def test_an_import_pages_nobody_and_sets_no_timer(desk: Desk, tmp_path: Path) -> None:
    bring(desk, written(tmp_path / "log.csv", QUIRKS))
    assert desk.tasks() == ()
    assert desk.deliveries("INC0000002") == ()
    # The record lives on: the next command sets the timers that the policy wants.
    desk.note("INC0000003", "who has called the vendor?", by="ana")
    desk.resume("INC0000003", by="ana")
    assert desk.tasks() != ()


@pytest.mark.parametrize("where", ["file", "object"])
def test_beside_an_async_desk_in_a_thread(tmp_path: Path, where: str) -> None:
    """As the how-to has it: the loop goes on, and both write."""
    path = written(tmp_path / "log.csv", [*PLAIN, *QUIRKS, *REOPENED])
    url = f"sqlite:///{(tmp_path / 'incidents.db').as_posix()}"
    store = MemoryStore() if where == "object" else None
    given: dict[str, Any] = {"url": url} if store is None else {"store": store}

    def brought() -> Imported:
        beside = Desk.open(**given)
        try:
            return replay(beside, path, LOG)
        finally:
            if store is None:  # an object is let go of by the other desk
                beside.disconnect()

    async def main() -> tuple[int, int, list[str]]:
        async with await AsyncDesk.open(**given) as desk:
            bringing = asyncio.create_task(asyncio.to_thread(brought))
            declared = 0
            while not bringing.done():
                await desk.declare("Meanwhile", by="ana")
                declared += 1
            done = await bringing
            assert (done.refused, done.source) == (0, LOG)
            found = await desk.find(limit=1000)
            own = [x for x in found.items if x.dossier.replayed is None]
            return len(own), declared, [x.ref for x in found.items if x not in own]

    own, declared, replayed = asyncio.run(main())
    assert own == declared > 0
    assert replayed


def test_the_report_is_read_back(desk: Desk, tmp_path: Path) -> None:
    path = written(tmp_path / "log.csv", [*PLAIN, *REOPENED])
    desk.declare("another one", by="ana")
    bring(desk, path)
    expected = histories.rounded(histories.counted(path))
    path.unlink()
    report = histories.rounded(reported(desk, LOG).written())
    assert report["moves_outside_table"] == {}
    assert {key: report.get(key, expected["rows"]) for key in expected} == expected
    assert reported(desk, "another source").incidents == 0


def test_closed_is_not_reopened_where_a_host_says_so(
    url: str, tmp_path: Path, in_time_order: bool
) -> None:
    with Desk.open(url, policy=STRICT) as desk:
        bring(desk, written(tmp_path / "log.csv", QUIRKS), in_time_order=in_time_order)
        assert reported(desk, LOG).moves_outside == {"Closed -> Active": 1}
        entry = next(x for x in desk.journal("INC0000002") if x.kind == "imported")
        assert entry.recorded is not None
        reason = entry.recorded.reason
        assert reason is not None
        assert (reason.rule, reason.inputs["reopen_closed"]) == ("importing.move", False)
        assert desk.incident("INC0000002").status is State.CLOSED


def test_every_reason_of_an_import_reruns(tmp_path: Path) -> None:
    with Desk.open(policy=STRICT) as desk:
        bring(desk, written(tmp_path / "log.csv", QUIRKS))
        reasons = [
            entry.recorded.reason
            for _, journal in everything(desk)
            for entry in journal
            if entry.recorded is not None and entry.recorded.reason is not None
        ]
    assert {reason.rule for reason in reasons} == {
        "importing.move",
        "prioritise.matrix",
        "clocks.due_at",
    }
    assert all(rerun(reason) == reason.outcome for reason in reasons)


# --- the same, whichever way ----------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["json", "msgspec"])
def test_both_ways_leave_the_same(tmp_path: Path, codec: Any) -> None:
    path = written(tmp_path / "log.csv.gz", [*QUIRKS, *histories.many(60)])
    found: list[Any] = []
    for in_time_order in (False, True):
        with Desk.open(f"sqlite:///{tmp_path}/{in_time_order}.db", codec=codec) as desk:
            did = bring(desk, path, in_time_order=in_time_order)
            found.append((did.rows, did.entries, everything(desk), reported(desk, LOG)))
            assert not desk.verify().problems
    assert found[0] == found[1]


def test_rows_that_are_not_grouped_by_case(desk: Desk, tmp_path: Path) -> None:
    rows = [*histories.many(20), *QUIRKS]
    mixed = sorted(rows, key=lambda row: row["sys_mod_count"].zfill(3))
    did = bring(desk, written(tmp_path / "mixed.csv", mixed))
    assert (did.rows, did.refused) == (len(rows), 0)
    with Desk.open() as other:
        bring(other, written(tmp_path / "log.csv", rows))
        assert everything(other) == everything(desk)


def test_both_dialects_come_to_the_same(tmp_path: Path) -> None:
    found: list[Any] = []
    for rows in (QUIRKS, histories.other_dialect(QUIRKS)):
        with Desk.open() as desk:
            bring(desk, written(tmp_path / "log.csv", rows))
            found.append((everything(desk), reported(desk, LOG)))
    assert found[0] == found[1]


# --- again, and after an interruption -------------------------------------------------------------


def test_the_same_file_again_changes_nothing(
    desk: Desk, tmp_path: Path, in_time_order: bool
) -> None:
    path = written(tmp_path / "log.csv", [*QUIRKS, *case(number="INC9", impact="?!")])
    first = bring(desk, path, in_time_order=in_time_order)
    before = everything(desk)
    again = bring(desk, path, in_time_order=not in_time_order)
    assert (again.rows, again.entries, again.refused) == (first.rows, 0, 1)
    assert everything(desk) == before
    assert not desk.verify().problems


def test_a_longer_file_goes_on(desk: Desk, tmp_path: Path, in_time_order: bool) -> None:
    path = tmp_path / "log.csv"
    bring(desk, written(path, [*PLAIN[:2], *REOPENED[:7]]), in_time_order=in_time_order)
    bring(desk, written(path, QUIRKS), in_time_order=in_time_order)
    with Desk.open() as other:
        bring(other, path)
        assert everything(other) == everything(desk)


def test_no_acknowledgement_is_missed_where_the_source_states_none(
    desk: Desk, tmp_path: Path, in_time_order: bool
) -> None:
    bring(desk, written(tmp_path / "log.csv", QUIRKS), in_time_order=in_time_order)
    for incident, _ in everything(desk):
        assert [clock.target for clock in incident.clocks] == ["resolve"]
    assert [row[0] for row in desk.review("INC0000002").targets] == ["resolve"]
    # What goes on here is not late for what nobody could have done there.
    assert desk.acknowledge("INC0000003", by="ana").clock("acknowledge") is None
    missed = [x for x in desk.timeline("INC0000003") if "target acknowledge" in x.text]
    assert missed == []


def test_what_was_done_here_meanwhile_stays(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    bring(desk, written(path, REOPENED[:2]))
    desk.note("INC0000002", "looking", by="ana")
    desk.assign("INC0000002", "ana", by="ana")
    bring(desk, written(path, REOPENED))
    now = desk.incident("INC0000002")
    assert (now.status, now.assignee) == (State.CLOSED, "ana")
    assert "noted" in [entry.kind for entry in desk.journal(now)]


class _Stopped(Exception):
    pass


def test_an_interrupted_import_goes_on(
    url: str, tmp_path: Path, in_time_order: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "GROUP", 5)
    path = written(tmp_path / "log.csv", [*QUIRKS, *histories.many(10)])

    def stop(rows: int, share: float) -> None:
        assert 0 <= share <= 1
        if rows >= 12:
            raise _Stopped

    shares: list[float] = []
    with Desk.open(url) as desk:
        replay(desk, path, LOG, in_time_order=in_time_order, progress=lambda _, x: shares.append(x))
        assert shares == sorted(shares)
        assert shares[-1] == 1
    with Desk.open(url.replace("incidents", "stopped")) as desk:
        with pytest.raises(_Stopped):
            replay(desk, path, LOG, in_time_order=in_time_order, progress=stop)
        half = sum(len(journal) for _, journal in everything(desk))
        did = bring(desk, path, in_time_order=in_time_order)
        assert half > 0
        assert half + did.entries == sum(len(journal) for _, journal in everything(desk))
        with Desk.open() as other:
            bring(other, path)
            assert everything(other) == everything(desk)


KILLED = """
import os, signal, sys
from incidentkit import Desk
from incidentkit.desk import replaying
replaying.GROUP = 50
def told(rows, share):
    if rows > 300:
        os.kill(os.getpid(), signal.SIGKILL)
with Desk.open(sys.argv[1]) as desk:
    replaying.replay(desk, sys.argv[2], "servicenow-log", progress=told)
"""


def test_a_killed_import_goes_on(tmp_path: Path) -> None:
    path = written(tmp_path / "log.csv", histories.many(120))
    url = f"sqlite:///{tmp_path}/incidents.db"
    done = subprocess.run([sys.executable, "-c", KILLED, url, str(path)], check=False)
    assert done.returncode == -9
    with Desk.open(url) as desk, Desk.open() as other:
        assert 0 < desk.count() < 120
        bring(desk, path)
        bring(other, path)
        assert everything(other) == everything(desk)
        assert not desk.verify().problems


# --- what cannot be brought in --------------------------------------------------------------------


def test_a_row_that_cannot_be_read_is_kept_with_the_reason(
    desk: Desk, tmp_path: Path, in_time_order: bool
) -> None:
    rows = case(
        step("29/2 02:00", "Actve"),
        step("30/2 03:00", "Active"),
        step("29/2 04:00", "Resolved"),
    )
    path = written(tmp_path / "log.csv", rows)
    with path.open("a") as file:
        file.write("INC0000009,New\n?,New\n\n")
    did = bring(desk, path, in_time_order=in_time_order)
    assert (did.rows, did.refused) == (6, 4)
    assert desk.incident("INC0000001").status is State.RESOLVED
    replayed = desk.incident("INC0000001").dossier.replayed
    assert replayed is not None
    assert (replayed.row, replayed.moves) == (4, {"New -> Resolved": 1})
    kept = captures(desk)
    assert {place: problem for place, problem, _ in kept} == {
        "row 3": "incident_state: 'Actve' has no meaning here; did you mean 'Active'?",
        "row 4": "sys_updated_at: '30/2/2016 03:00': day is out of range for month",
        "row 6": "row: has 2 columns, the header has 36",
        "row 7": "the row names no case",
    }
    assert {text for _, _, text in kept} >= {"INC0000009,New", "?,New"}
    assert bring(desk, path, in_time_order=in_time_order).refused == 4
    assert len(captures(desk)) == 4


def captures(desk: Desk) -> list[tuple[str, str, str]]:
    """What was kept of rows that were refused: where, why, and the row."""
    from incidentkit.flows.effects import Find
    from incidentkit.flows.kinds import CAPTURE
    from incidentkit.flows.reading import whole
    from incidentkit.model.alert import PayloadCaptured, SignalRejected
    from incidentkit.ports.query import Query

    def found() -> Any:
        page = yield from Find(CAPTURE, Query("capture"))
        result: list[tuple[str, str, str]] = []
        for capture in page.items:
            first, second = yield from whole("capture", capture.id)
            captured, rejected = first.recorded.event, second.recorded.event  # type: ignore[union-attr]
            assert isinstance(captured, PayloadCaptured)
            assert isinstance(rejected, SignalRejected)
            result.append((rejected.path, rejected.problem, captured.body))
        return result

    return desk.run(found)


def test_a_reference_that_is_taken(desk: Desk, tmp_path: Path, in_time_order: bool) -> None:
    desk.declare("ours", by="ana")
    path = written(tmp_path / "log.csv", [*case(number="INC-1"), *PLAIN])
    did = bring(desk, path, in_time_order=in_time_order)
    assert (did.rows, did.refused) == (5, 1)
    assert desk.incident("INC-1").title == "ours"
    assert "the reference INC-1 belongs to incident/" in captures(desk)[0][1]


def test_a_reference_may_have_slashes(desk: Desk, tmp_path: Path) -> None:
    bring(desk, written(tmp_path / "log.csv", case(number="REQ/2016/7")))
    assert desk.incident("REQ/2016/7").ref == "REQ/2016/7"
    assert desk.start("REQ/2016/7", by="ana").status is State.IN_PROGRESS


def test_a_long_name_of_a_case(desk: Desk, tmp_path: Path) -> None:
    cases = [f"{'case ' * 20}{number}" for number in range(2)]
    rows = [row for name in cases for row in case(number=name)]
    bring(desk, written(tmp_path / "log.csv", rows))
    assert [desk.incident(name).ref for name in cases] == cases


def test_another_history_of_the_case_is_refused(desk: Desk, tmp_path: Path) -> None:
    bring(desk, written(tmp_path / "log.csv", PLAIN[:2]))
    before = everything(desk)
    other = [PLAIN[0], {**PLAIN[1], **step("29/2 08:54")}, *PLAIN[2:]]
    did = bring(desk, written(tmp_path / "log.csv", other))
    assert (did.entries, did.refused) == (0, 2)
    assert "another history of INC0000001" in captures(desk)[0][1]
    assert everything(desk) == before


def test_a_value_that_no_record_holds_refuses_the_row(url: str, tmp_path: Path) -> None:
    # The policy's matrix stands in where a mapping has none, and does not know the level.
    mapping = mapping_of(LOG)
    import attrs

    with Desk.open(url) as desk:
        path = written(tmp_path / "log.csv", PLAIN)
        levels = {**mapping.levels, "impact": {"2 - Medium": "sev2"}}
        odd = attrs.evolve(mapping, scales=None, levels=levels)
        did = replay(desk, path, odd)
        # The first row rates it, so it begins with the second, which only says what is new.
        assert (did.refused, desk.count()) == (1, 1)


def test_a_file_that_does_not_fit(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("number,at\nA1,1\n")
    with pytest.raises(InvalidValue, match="the file has no 'sys_updated_at'"):
        bring(desk, path)
    assert desk.count() == 0


class Nobody:
    """Lets nobody import."""

    def may(self, actor: str, action: str, subject: str) -> Permission:
        assert (action, subject) == ("import", "source/servicenow-log")
        return Permission(Opinion.DENY, "not here")

    def scope(self, actor: str, kind: str) -> None:
        return None


def test_who_may_not_import_does_not(tmp_path: Path) -> None:
    with (
        Desk.open(authoriser=Nobody()) as desk,
        pytest.raises(NotAuthorised),
    ):
        bring(desk, written(tmp_path / "log.csv", PLAIN))


# --- stores that refuse ---------------------------------------------------------------------------


class Refusing(Wrapped):
    """Gives an error for the first batches of groups, as often as `times` says."""

    def __init__(self, error: Exception, times: int) -> None:
        super().__init__()
        self.error, self.times = error, times

    def commit_group(self, batches: Sequence[Batch]) -> tuple[Committed | Exception, ...]:
        if self.times:
            self.times -= 1
            done: tuple[Committed | Exception, ...] = self.inner.commit_group(batches[1:])
            return (self.error, *done)
        whole: tuple[Committed | Exception, ...] = self.inner.commit_group(batches)
        return whole


@pytest.mark.parametrize(
    "error", [Conflict((("incident", "x", 1),)), Retryable("the connection was lost")]
)
def test_what_a_store_refuses_is_decided_again(
    tmp_path: Path, error: Exception, in_time_order: bool
) -> None:
    path = written(tmp_path / "log.csv", QUIRKS)
    with Desk.open(store=Refusing(error, 1)) as desk, Desk.open(store=MemoryStore()) as other:
        bring(desk, path, in_time_order=in_time_order)
        bring(other, path, in_time_order=in_time_order)
        assert everything(other) == everything(desk)


def test_a_store_that_stays_away_ends_the_import(tmp_path: Path) -> None:
    path = written(tmp_path / "log.csv", QUIRKS)
    store = Refusing(Retryable("the connection was lost"), 100)
    with Desk.open(store=store) as desk:
        with pytest.raises(Retryable):
            bring(desk, path)
        store.times = 0
        assert bring(desk, path).rows == len(QUIRKS)
        assert desk.count() == 3


# --- audits ---------------------------------------------------------------------------------------


def test_a_seal_takes_in_what_was_imported_since_the_last(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    bring(desk, written(path, PLAIN[:2]))
    desk.seal()
    bring(desk, written(path, QUIRKS))
    desk.seal()
    assert not desk.verify().problems
    assert desk.find(limit=3).items[0].card.source == LOG


# --- the real log ---------------------------------------------------------------------------------


def test_the_sample_of_the_log_is_counted_exactly(shared_data: Path, in_time_order: bool) -> None:
    path = shared_data / "uci_incident_log" / "dev_sample_500_incidents.csv"
    with Desk.open() as desk:
        did = bring(desk, path, in_time_order=in_time_order)
        report = histories.rounded(reported(desk, LOG).written())
    report["rows"] = did.rows
    expected = histories.rounded(histories.counted(path))
    assert {key: report[key] for key in expected} == expected


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_whole_log_is_counted_exactly(
    shared_data: Path, tmp_path: Path, in_time_order: bool
) -> None:
    path = shared_data / "uci_incident_log" / "incident_event_log.csv.gz"
    with Desk.open(f"sqlite:///{tmp_path}/incidents.db", policy=STRICT) as desk:
        did = bring(desk, path, in_time_order=in_time_order)
        assert did.refused == 0
        report = histories.rounded(reported(desk, LOG).written())
    report["rows"] = did.rows
    expected = histories.rounded(histories.counted(path))
    assert {key: report[key] for key in expected} == expected
    assert report["moves_outside_table"] == {"Closed -> Active": 12}
    assert (report["incidents"], report["rows"], report["resolved"]) == (24_918, 141_712, 23_362)
