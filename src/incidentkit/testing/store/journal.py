"""The journal: streams without gaps, bodies byte for byte."""

from __future__ import annotations

from incidentkit.errors import (
    Conflict,
    InvalidValue,
)
from incidentkit.ports.rows import (
    Entry,
    Purged,
)
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, refused
from incidentkit.testing.records import (
    MAIN,
    OTHER,
    START,
    entry,
    write,
)
from incidentkit.testing.store_trial import StoreTrial


def pages(trial: StoreTrial) -> None:
    """A stream is read in order and in pages, without gaps from 1."""
    store = trial.store
    write(store, entries=tuple(entry("a", seq) for seq in range(1, 8)))
    write(store, entries=tuple(entry("b", seq) for seq in range(1, 3)))
    stream = "incident/a"
    equal([e.seq for e in store.journal(MAIN, stream)], [1, 2, 3, 4, 5, 6, 7])
    equal([e.seq for e in store.journal(MAIN, stream, 2, 3)], [3, 4, 5])
    equal([e.seq for e in store.journal(MAIN, stream, 7)], [])
    equal([e.seq for e in store.journal(MAIN, stream, 99)], [])
    equal(store.journal(MAIN, "incident/none"), ())
    equal(store.journal(OTHER, stream), ())
    with refused(InvalidValue):
        store.journal(MAIN, stream, 0, 0)


def byte_for_byte(trial: StoreTrial) -> None:
    """The body of an entry comes back byte for byte, whatever JSON would make of it."""
    store = trial.store
    body = '{ "b":1e2 , "a":-0.0,\t"a": [1,  2], "n": 1E-400 }\n'
    kept = entry("a", 1, body)
    write(store, entries=(kept,))
    equal(store.journal(MAIN, "incident/a"), (kept,))


def redaction(trial: StoreTrial) -> None:
    """Redaction drops body and salt, keeps digest and hash, and counts what it dropped."""
    store = trial.store
    write(store, entries=tuple(entry("a", seq) for seq in range(1, 5)))
    equal(store.redact(MAIN, "incident/a", [2, 3, 3, 9]), 2)
    equal(store.redact(MAIN, "incident/a", [2]), 0)
    equal(store.redact(MAIN, "incident/none", [1]), 0)
    entries = store.journal(MAIN, "incident/a")
    equal([e.body for e in entries], ["{}", None, None, "{}"])
    equal([e.salt for e in entries], ["salt", None, None, "salt"])
    equal([e.hash for e in entries], [f"hash {n}" for n in range(1, 5)])
    equal([e.digest for e in entries], [f"digest {n}" for n in range(1, 5)])


def purged_stream_goes_on(trial: StoreTrial) -> None:
    """A purged stream goes on with the number that comes next, never from 1 again."""
    store = trial.store
    write(store, entries=tuple(entry("a", seq, at=seq) for seq in range(1, 6)))
    write(store, entries=(entry("b", 1, at=1),))
    streams = ["incident/a", "incident/none"]
    equal(store.purge(MAIN, 3, streams), Purged(0, 2))
    equal([e.seq for e in store.journal(MAIN, "incident/a")], [3, 4, 5])
    equal([e.seq for e in store.journal(MAIN, "incident/a", 3)], [4, 5])
    equal(store.purge(MAIN, 100, streams), Purged(0, 3))
    equal(store.purge(MAIN, 100, streams), Purged(0, 0))
    equal(store.journal(MAIN, "incident/a"), ())
    for wrong in (1, 5, 7):
        with refused(Conflict):
            write(store, entries=(entry("a", wrong),))
    write(store, entries=(entry("a", 6, at=9), entry("a", 7, at=9)))
    write(store, entries=(entry("a", 8, at=9),))
    equal([e.seq for e in store.journal(MAIN, "incident/a")], [6, 7, 8])
    equal(store.purge(MAIN, 100, streams), Purged(0, 3))
    write(store, entries=(entry("a", 9),))
    equal(len(store.journal(MAIN, "incident/b")), 1)


def taking_turns(trial: StoreTrial) -> None:
    """Entries of several streams may take turns within one batch."""
    store = trial.store
    a, b = "ab"
    write(store, entries=(entry(a, 1), entry(b, 1), entry(a, 2), entry(a, 3), entry(b, 2)))
    write(store, entries=(entry(a, 4), entry(a, 5), entry(b, 3), entry(b, 4)))
    equal([e.seq for e in store.journal(MAIN, "incident/a")], [1, 2, 3, 4, 5])
    equal([e.seq for e in store.journal(MAIN, "incident/b")], [1, 2, 3, 4])
    with refused(Conflict) as caught:
        write(store, entries=(entry(a, 6), entry(a, 7), entry(b, 4), entry(b, 5)))
    equal(caught.value.found, (("incident", "b", 0),))
    with refused(InvalidValue):
        write(store, entries=(entry(a, 6), entry(a, 8)))
    equal(len(store.journal(MAIN, "incident/a")), 5)


def without_a_record(trial: StoreTrial) -> None:
    """A stream needs no record; a conflict then names the stream."""
    store = trial.store
    line = Entry("seal", 1, START, "Sealed", "{}", None, "d", "h")
    write(store, entries=(line,))
    equal(store.journal(MAIN, "seal"), (line,))
    with refused(Conflict) as caught:
        write(store, entries=(line,))
    equal(caught.value.found, (("seal", "", 1),))


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.journal.pages", pages),
    Case("store.journal.byte-for-byte", byte_for_byte),
    Case("store.journal.redaction", redaction),
    Case("store.journal.purged-stream-goes-on", purged_stream_goes_on),
    Case("store.journal.taking-turns", taking_turns),
    Case("store.journal.without-a-record", without_a_record),
)
"""The cases of this theme."""
