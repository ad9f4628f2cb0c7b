"""The kit tests itself: a store with one mistake fails the cases about it, and no other."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from incidentkit.testing.report import Result
from incidentkit.testing.store_trial import StoreHarness, StoreTime
from incidentkit.testing.stores import check_store, store_cases
from tests.stores.broken import abilities, committing, migrating, queueing, reading, troubled
from tests.stores.broken.base import Kept, harness
from tests.stores.factories import PlainSqlStore

CONFLICTS = "store.commit.conflict-leaves-nothing.*"

BROKEN: dict[type[Kept], str] = {
    committing.ReplayAfterConflict: """
        store.request.replay store.request.replay-then-stale store.request.order-of-judgement
        store.threads.one-request store.search.refused-and-replayed
    """,
    committing.RequestOutsideTransaction: f"""
        {CONFLICTS} store.commit.conflict-at-the-end store.request.refused-not-kept
    """,
    committing.MissingRowIsSuccess: """
        store.commit.conflict-leaves-nothing.put-of-what-is-not store.commit.conflict-in-front
    """,
    committing.LastWriteWins: """
        store.commit.conflict-leaves-nothing.put-* store.commit.conflict-leaves-nothing.several
        store.commit.conflict-in-front store.request.order-of-judgement
        store.request.refused-not-kept store.group.refused-alone
        store.group.tasks-of-a-refused-batch store.threads.numbers-with-aborts
        store.reopen.keeps-everything store.search.refused-and-replayed
        store.search.beside-a-refused-batch
    """,
    committing.ExpectsBeforeTheLock: """
        store.threads.write-skew store.threads.write-skew-absent
    """,
    committing.LosesTasksOnConflict: CONFLICTS,
    committing.HalfWritten: """
        store.commit.tenants-apart store.commit.conflict-at-the-end store.key.all-named
        store.group.refused-alone store.threads.one-key
    """,
    committing.ReformattedJournal: "store.journal.byte-for-byte",
    committing.TenantMissingInKey: "store.read.owners store.commit.tenants-apart",
    committing.TrimsText: "store.text.everywhere.blanks store.text.told-apart",
    committing.LosesMicroseconds: """
        store.journal.purged-stream-goes-on store.refuse.unkeepable.instant-of-an-entry
        store.time.any-year.before-1970 store.time.any-year.microseconds
        store.time.any-year.year-9999 store.search.redacted
    """,
    reading.LocaleOrder: "store.find.text-order store.find.id-order",
    reading.OffsetPaging: "store.find.cursor-is-no-offset",
    reading.LiveRows: "store.read.answers-stand",
    reading.LiveTally: "store.tally.answer-is-the-callers",
    reading.CloseNotIdempotent: "store.upkeep.closed store.reopen.* store.search.closed",
    reading.NumbersInMemory: "store.reopen.keeps-everything",
    queueing.SettleIgnoresToken: """
        store.lease.late-settle store.lease.one-by-one store.reopen.keeps-leases
    """,
    queueing.TokenFromACounter: "store.reopen.tokens-never-again",
    queueing.HostClock: """
        store.read.empty store.claim.leases store.claim.only-due store.claim.skip-channels
        store.claim.one-tenant store.turns.among-many store.subject.head-not-due
        store.subject.again-keeps-its-place store.subject.moved store.subject.moved-parked
        store.subject.through-everything store.lease.late-settle store.lease.stale-token
        store.lease.settle-and-return store.lease.lapsed-* store.lease.poison store.lease.extended
        store.lease.bystander store.time.any-year.* store.time.stands-still store.time.goes-back
        store.reopen.keeps-leases
    """,
    queueing.ClaimIgnoresSubject: """
        store.subject.only-the-first store.subject.head-not-due
        store.subject.again-keeps-its-place store.subject.parked store.subject.cancelled
        store.subject.earlier-task store.subject.replaced
        store.subject.replaced-elsewhere.leased store.subject.moved-parked
        store.subject.through-everything store.lease.settled-in-a-commit
    """,
    queueing.FirstTenantFirst: "store.turns.in-turn",
    queueing.NeverParks: "store.subject.moved-parked store.lease.poison store.lease.bystander",
    abilities.TurnUnblocksAnyway: "store.turn.stale-unblocks-nothing",
    troubled.CutsNames: "store.length.longest-kept store.length.too-long.record",
    queueing.CancelKeepsTheLease: "store.subject.cancelled store.subject.moved-parked",
}
"""By the mistake: the cases that fail, as globs; every other one passes."""


@pytest.mark.parametrize("kind", list(BROKEN), ids=lambda kind: kind.__name__)
def test_a_mistake_fails_the_cases_about_it_and_no_other(kind: type[Kept]) -> None:
    globs = BROKEN[kind].split()
    named = [[case.id for case in store_cases() if fnmatchcase(case.id, x)] for x in globs]
    assert all(named), f"a glob that names no case: {globs}"
    report = check_store(harness(kind))
    assert set(report.failed) == {each for some in named for each in some}
    assert not report.ok


@pytest.mark.parametrize("kind", [Kept, abilities.Turning], ids=lambda kind: kind.__name__)
def test_without_a_mistake_nothing_fails(kind: type[Kept]) -> None:
    report = check_store(harness(kind))
    assert report.ok, str(report)
    assert "reopen" in report.capabilities
    assert ("turn" in report.capabilities) == ("wake" in report.capabilities) == (kind is not Kept)


HOSTED = [case for case in store_cases() if case.id.startswith(("store.host.", "store.commit."))]


def test_a_store_in_its_hosts_transaction_says_no() -> None:
    def made(now: StoreTime) -> abilities.OnTheHostsConnection:
        return abilities.OnTheHostsConnection(now=now)

    report = check_store(StoreHarness(made, host=abilities.host), HOSTED)
    assert report.ok, str(report)
    assert report.of(Result.SKIPPED) == ()


def test_a_store_that_joins_unasked_is_found() -> None:
    def made(now: StoreTime) -> abilities.JoinsUnasked:
        return abilities.JoinsUnasked(now=now)

    report = check_store(StoreHarness(made, host=abilities.host), HOSTED)
    assert report.failed == ("store.host.commit-refused",)


TROUBLED: dict[type[PlainSqlStore], str] = {
    troubled.Sound: "",
    troubled.Joining: "",
    troubled.RawErrors: "store.outage.* store.full.*",
    troubled.AlwaysStoreError: "store.outage.*",
    troubled.WaitsForEver: "store.outage.*",
    troubled.WritesTheRecordsLater: "store.outage.nothing-half-written",
    troubled.FullIsAway: "store.full.*",
    troubled.KeepsTheFirstHalf: "store.full.told",
    troubled.CommitsByItself: """
        store.join.seen-with-the-commit store.join.gone-with-the-rollback store.join.told-after
    """,
    troubled.RollsTheHostBack: "store.join.refusal-leaves-it-usable",
    troubled.WorksTheQueueInside: "store.join.queue-stays-outside",
    troubled.TellsAtOnce: "store.join.told-after",
    troubled.TimeOfTheBeginning: "store.join.time-goes-on",
}
TROUBLES = [
    case
    for case in store_cases()
    if case.id.startswith(("store.outage.", "store.full.", "store.join."))
]


@pytest.mark.parametrize("kind", list(TROUBLED), ids=lambda kind: kind.__name__)
def test_a_mistake_in_trouble_fails_its_cases(kind: type[PlainSqlStore], tmp_path: Path) -> None:
    joins = issubclass(kind, troubled.Joining)
    cases = [x for x in TROUBLES if x.id.startswith("store.join.") == joins]
    report = check_store(troubled.harness(kind, tmp_path), cases)
    globs = TROUBLED[kind].split()
    named = {case.id for case in cases if any(fnmatchcase(case.id, x) for x in globs)}
    assert set(report.failed) == named, str(report)
    assert report.of(Result.SKIPPED) == ()


MIGRATING: dict[type[migrating.Migrating], str] = {
    migrating.Migrating: "",
    migrating.AlwaysDidSomething: "store.migrate.only-once",
    migrating.MakesItAllTheSame: "store.migrate.refused-where-it-lacks",
    migrating.EmptiesItself: "store.migrate.keeps-everything store.migrate.refused-where-it-lacks",
    migrating.ForgetsToSayWhich: """
        store.migrate.keeps-everything store.migrate.refused-where-it-lacks
    """,
    migrating.OnlyReads: "store.migrate.left-alone",
}


@pytest.mark.parametrize("kind", list(MIGRATING), ids=lambda kind: kind.__name__)
def test_a_mistake_about_the_schema_fails_its_cases(
    kind: type[migrating.Migrating], tmp_path: Path
) -> None:
    cases = [case for case in store_cases() if case.id.startswith("store.migrate.")]
    report = check_store(migrating.harness(kind, tmp_path), cases)
    assert set(report.failed) == set(MIGRATING[kind].split()), str(report)
    assert report.of(Result.SKIPPED) == ()


def test_what_a_harness_does_not_bring_is_skipped_with_its_reason() -> None:
    report = check_store(lambda now: Kept(now), TROUBLES)
    assert set(report.of(Result.SKIPPED)) == {case.id for case in TROUBLES}
    assert {each.why for each in report.outcomes} == {"needs outage", "needs full", "needs join"}
    assert "that need outage" in str(report)
