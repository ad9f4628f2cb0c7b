"""Text of strangers: it comes back as it was, wherever it stands, and is never obeyed."""

from __future__ import annotations

from functools import partial

from incidentkit.ids import TaskId
from incidentkit.ports.query import Compare, Op, Query
from incidentkit.ports.rows import Again, Entry, KeyChange, Ref, Request, Task, TaskQuery
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal
from incidentkit.testing.records import MAIN, MINUTE, START, incident, put, settle, write
from incidentkit.testing.store.asking import one
from incidentkit.testing.store_trial import StoreTrial

HOSTILE = {
    "quotes": "'; DROP TABLE incident; -- \" ` $$ %s %(x)s {0} :name ?",
    "wildcards": "100% _ * \\ \\\\ \\u0041 [a-z] ^$",
    "blanks": "  a\tb\r\nc\n ",
    "control": "a\x01b\x1b[2Jc\x7f",
    "emoji": "👩‍👩‍👧 \U0001f600 \U0010ffff",
    "right-to-left": "\u202egpj.exe שלום",
    "combining": "e\u0301 é Å Å",
    "case": "ß ẞ İ ı Σ ς",
}
"""NUL and lone surrogates are missing: the library refuses them before they come to a store."""

MEGABYTE = 1_000_000


def everywhere(hostile: str, trial: StoreTrial) -> None:
    """Hostile text comes back as it was from every place, and is found as itself alone."""
    store = trial.store
    row = incident(hostile, state=hostile, body=hostile)
    line = Entry(f"incident/{hostile}", 1, START, hostile, hostile, hostile, hostile, hostile)
    work = Task(TaskId(hostile), hostile, hostile, 0, 0, START, hostile, hostile)
    key = KeyChange(hostile, hostile, None, hostile)
    request = Request(hostile, hostile, hostile)
    put_hostile = put(hostile, state=hostile, body=hostile)
    write(
        store, request=request, puts=(put_hostile, put("plain", state="plain")),
        entries=(line,), tasks=(work,), keys=(key,),
    )  # fmt: skip
    equal(store.load(MAIN, [Ref("incident", hostile)]), (row,))
    equal(store.journal(MAIN, line.stream), (line,))
    equal(store.owners(MAIN, hostile, [hostile]), (hostile,))
    equal(write(store, request=request).result, hostile)
    by_state = Query("incident", Compare("state", Op.EQ, hostile))
    equal(store.find(MAIN, by_state).rows, (row,))
    equal(store.count(MAIN, by_state), 1)
    (claimed,) = store.claim(None, MINUTE, 5).tasks
    equal(claimed.task, work)
    equal(store.settle(MAIN, [settle(claimed, Again(START, hostile))]), (True,))
    equal(one(store, hostile).why, hostile)
    equal(len(store.tasks(MAIN, TaskQuery(queue=hostile, subject=hostile))), 1)
    equal(store.numbers(MAIN, hostile, 1), range(1, 2))


def told_apart(trial: StoreTrial) -> None:
    """Texts that only look alike are different: case, accents, blanks at the end."""
    store = trial.store
    alike = ["a", "A", "a ", " a", "á", "a\u0301", "à", "ａ"]
    write(store, puts=tuple(put(name, state=name) for name in alike))
    keys = tuple(KeyChange("ref", name, None, name) for name in alike)
    write(store, keys=keys)
    equal(store.owners(MAIN, "ref", alike), tuple(alike))
    for name in alike:
        query = Query("incident", Compare("state", Op.EQ, name))
        equal([row.id for row in store.find(MAIN, query).rows], [name])


def a_megabyte(trial: StoreTrial) -> None:
    """Bodies of a megabyte are kept, in a record and in the journal."""
    store = trial.store
    body = '{"text": "' + "é☃x\\n" * (MEGABYTE // 5) + '"}'
    line = Entry("incident/a", 1, START, "Noted", body, "salt", "digest", "hash")
    write(store, puts=(put("a", body=body),), entries=(line,))
    (row,) = store.load(MAIN, [Ref("incident", "a")])
    equal(None if row is None else row.body == body, True, "whether the body is the same")
    equal(store.journal(MAIN, "incident/a") == (line,), True, "whether the entry is the same")


CASES: tuple[Case[StoreTrial], ...] = (
    *(
        Case(f"store.text.everywhere.{name}", partial(everywhere, hostile))
        for name, hostile in HOSTILE.items()
    ),
    Case("store.text.told-apart", told_apart),
    Case("store.text.a-megabyte", a_megabyte),
)
"""The cases of this theme."""
