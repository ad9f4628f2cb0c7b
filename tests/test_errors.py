"""Every error says what was wrong, what to do and whose fault it is, and can be pickled."""

from __future__ import annotations

import copy
import pickle

import pytest

from incidentkit import errors
from incidentkit.errors import Blame, IncidentKitError
from incidentkit.ids import MAIN_TENANT, SYSTEM_ACTOR

CLASSES = {
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, IncidentKitError)
}
# Each error as it is raised, whose fault it is, and what it says.
RAISED: list[tuple[IncidentKitError, Blame, str]] = [
    (IncidentKitError("x"), Blame.HOST, "x"),
    (errors.CallerError("x"), Blame.CALLER, "x"),
    (
        errors.InvalidValue("title", "must not be empty"),
        Blame.CALLER,
        "title: must not be empty",
    ),
    (
        errors.LimitExceeded("title", "has 9 characters; at most 5 are kept"),
        Blame.CALLER,
        "title: has 9 characters; at most 5 are kept",
    ),
    (
        errors.NotFound("incident", "INC-9"),
        Blame.CALLER,
        "no incident 'INC-9'; check the reference, or whether you may see it",
    ),
    (
        errors.BlobMissing("sha256:0a"),
        Blame.STORE,
        (
            "there is no content 'sha256:0a'; was it deleted, or is another blob store open than "
            "the one it was put into?"
        ),
    ),
    (
        errors.BlobDamaged("sha256:0a", "it is cut short"),
        Blame.STORE,
        "the content 'sha256:0a' is damaged: it is cut short",
    ),
    (
        errors.NoBlobStore(),
        Blame.HOST,
        "no blob store is open; write e.g. Desk.open(..., blobs='file:attachments')",
    ),
    (
        errors.TransitionNotAllowed("INC-1", "closed", "start", ("reopen",)),
        Blame.CALLER,
        "INC-1 is closed: start is not allowed; allowed: reopen",
    ),
    (
        errors.TransitionNotAllowed("PRB-1", "closed", "fix", ()),
        Blame.CALLER,
        "PRB-1 is closed: fix is not allowed; allowed: nothing",
    ),
    (
        errors.MissingFields("INC-1", "resolve", ("code", "remedy")),
        Blame.CALLER,
        "INC-1: resolve needs code, remedy",
    ),
    (
        errors.NotAuthorised("ana", "close", "INC-1", "a guest"),
        Blame.CALLER,
        "ana may not close INC-1: a guest",
    ),
    (
        errors.VersionMismatch("INC-1", 3, 4),
        Blame.CALLER,
        "INC-1 is at version 4, not 3; read it again and decide again",
    ),
    (
        errors.RequestReused("r1"),
        Blame.CALLER,
        "request id 'r1' was used before with other content; use a new id",
    ),
    (
        errors.TooBusy("start", 50),
        Blame.CALLER,
        "start met a conflicting change 50 times; try again",
    ),
    (
        errors.LanguageError("a ==", 4, "a literal is expected"),
        Blame.CALLER,
        "a literal is expected (at character 4 of 'a ==')",
    ),
    (
        errors.ConditionError("a" * 200, 4, "too long"),
        Blame.CALLER,
        f"too long (at character 4 of '{'a' * 117}...')",
    ),
    (errors.TemplateError("$", 0, "no field"), Blame.CALLER, "no field (at character 0 of '$')"),
    (errors.MappingError("x", 0, "no path"), Blame.CALLER, "no path (at character 0 of 'x')"),
    (
        errors.PolicyError((("paging.wait", "is no term"), ("naem", "is not known"))),
        Blame.HOST,
        "2 problem(s) in the policy:\n  paging.wait: is no term\n  naem: is not known",
    ),
    (errors.StoreError("the disk is full"), Blame.STORE, "the disk is full"),
    (
        errors.StaleToken(("send:1", "send:2")),
        Blame.STORE,
        "no longer the holder of send:1, send:2",
    ),
    (
        errors.Conflict((("incident", "1", 4), ("problem", "9", 2))),
        Blame.STORE,
        "changed meanwhile: incident 1 (now 4), problem 9 (now 2)",
    ),
    (
        errors.KeyTaken((("ref", "INC-1", "incident/1"), ("alert", "k", None))),
        Blame.STORE,
        "keys owned by others: ref/INC-1 -> incident/1, alert/k -> None",
    ),
    (errors.Retryable("deadlock"), Blame.STORE, "deadlock"),
    (errors.StoreFull("no room"), Blame.STORE, "no room"),
    (
        errors.PagedElsewhere(("mail", "sms")),
        Blame.HOST,
        (
            "pages of this store went out by mail, sms, and here is only the console, where nobody "
            "may hear them: nothing was done. Work where those channels are, open the desk with "
            "them, or say that printing is meant: channels={'console': ConsoleChannel()}"
        ),
    ),
    (errors.NotMigrated("x.db has schema 3", 3), Blame.STORE, "x.db has schema 3"),
    (
        errors.StoreAway("postgresql://db/incidents", "no route"),
        Blame.STORE,
        (
            "postgresql://db/incidents cannot be reached (no route); `receive` is spooled "
            "meanwhile, everything else works again when it is back"
        ),
    ),
    (
        errors.SpoolFull("spool", "1000 requests"),
        Blame.STORE,
        (
            "the spool spool has no room (1000 requests): this request was not kept; let its "
            "sender repeat it, and make room"
        ),
    ),
    (errors.CannotJoin("no transaction is open"), Blame.HOST, "no transaction is open"),
    (
        errors.NotJoined("incidents.db"),
        Blame.HOST,
        (
            "incidents.db: the host has a transaction open here, which could roll back what this "
            "call makes durable. Write through `with desk.using(connection) as joined`, or after "
            "the transaction has ended"
        ),
    ),
    (errors.StoreClosed("closed"), Blame.STORE, "closed"),
    (errors.SchemaTooNew("9 > 1"), Blame.STORE, "9 > 1"),
    (
        errors.AnotherProcessWrites("desk.db", "process 7"),
        Blame.STORE,
        (
            "desk.db is written by process 7, and SQLite is opened for one writing process. Two "
            "ways out: move to PostgreSQL, or open with '?processes=many' on an SQLite that "
            "`incidentkit doctor` passes. Reading needs neither."
        ),
    ),
    (
        errors.IndexStale("incident", "columns"),
        Blame.STORE,
        (
            "the columns of 'incident' were written by an earlier incidentkit and are not indexed "
            "yet: call Desk.reindex(), or ask through a desk, which does it by itself"
        ),
    ),
    (errors.UnsafeSetting("use wal"), Blame.STORE, "use wal"),
    (errors.PluginError("x"), Blame.PLUGIN, "x"),
    (errors.PluginLoadError("x"), Blame.PLUGIN, "x"),
    (errors.PluginConflict("x"), Blame.PLUGIN, "x"),
    (errors.AsyncPluginError("x"), Blame.PLUGIN, "x"),
    (errors.DirectoryUnavailable("x"), Blame.PLUGIN, "x"),
    (errors.AuthoriserUnavailable("x"), Blame.PLUGIN, "x"),
]
IDS = [type(row[0]).__name__ for row in RAISED]


def test_every_error_is_here() -> None:
    assert {type(row[0]) for row in RAISED} == CLASSES


@pytest.mark.parametrize(("error", "blame", "told"), RAISED, ids=IDS)
def test_it_says_what_and_whose(error: IncidentKitError, blame: Blame, told: str) -> None:
    assert error.blame is blame
    assert str(error) == told


@pytest.mark.parametrize(("error", "_blame", "told"), RAISED, ids=IDS)
def test_it_travels_whole(error: IncidentKitError, _blame: Blame, told: str) -> None:
    for back in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert type(back) is type(error)
        assert back.args == error.args
        assert vars(back) == vars(error)
        assert str(back) == told


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.InvalidValue, ValueError),
        (errors.LimitExceeded, ValueError),
        (errors.NotFound, LookupError),
        (errors.NotAuthorised, PermissionError),
    ],
)
def test_whoever_knows_only_builtins_catches_it(
    kind: type[IncidentKitError], builtin: type[Exception]
) -> None:
    assert issubclass(kind, builtin)


@pytest.mark.parametrize("kind", sorted(CLASSES, key=str))
def test_each_class_has_the_blame_of_its_branch(kind: type[IncidentKitError]) -> None:
    branches = {
        errors.CallerError: Blame.CALLER,
        errors.StoreError: Blame.STORE,
        errors.PluginError: Blame.PLUGIN,
    }
    mine = [blame for branch, blame in branches.items() if issubclass(kind, branch)]
    assert [kind.blame] == (mine or [Blame.HOST])


def test_names_that_cross_rooms_are_plain_text() -> None:
    assert (MAIN_TENANT, SYSTEM_ACTOR) == ("main", "system")
