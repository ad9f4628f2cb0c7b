"""Search: the stores that can find the same."""

from __future__ import annotations

from typing import Any

import attrs

from incidentkit.errors import (
    Conflict,
    InvalidValue,
    StoreClosed,
)
from incidentkit.ids import TenantName
from incidentkit.lang.words import needles
from incidentkit.ports.query import (
    NOTHING,
    Compare,
    Op,
)
from incidentkit.ports.rows import (
    Batch,
    Put,
    Request,
    Row,
    SearchText,
)
from incidentkit.ports.search import Among, SearchCursor, TextQuery
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, of_type, refused, true
from incidentkit.testing.records import (
    MAIN,
    OTHER,
    SEARCHED_KINDS,
    START,
    entry,
    put,
    text,
    write,
)
from incidentkit.testing.store_trial import StoreTrial


def searched(trial: StoreTrial) -> Any:
    """A store that knows which kinds are searched."""
    return trial.another(SEARCHED_KINDS)


def keep(store: Any, name: str, title: str, tenant: TenantName = MAIN, **more: Any) -> None:
    """Write an incident and its texts."""
    columns = {key: more.pop(key) for key in ("state", "rank") if key in more}
    write(store, tenant, puts=(put(name, **columns),), texts=(text(name, title, **more),))


def hits(
    store: Any,
    words: str,
    among: tuple[Among, ...] = (Among("incident"),),
    tenant: TenantName = MAIN,
    **more: Any,
) -> list[str]:
    """The ids of all pages."""
    query = TextQuery(needles(words), among, **more)
    ids: list[str] = []
    while True:
        page = store.search(tenant, query)
        true(len(page.hits) <= query.limit, "a page holds no more than its limit")
        equal([hit.score for hit in page.hits], sorted((h.score for h in page.hits), reverse=True))
        ids += [hit.id for hit in page.hits]
        if page.next is None:
            return ids
        query = attrs.evolve(query, after=page.next)


def batch(**parts: Any) -> Any:
    """A batch of these parts."""
    return Batch(MAIN, **parts)


def every_word(trial: StoreTrial) -> None:
    """Every word must stand somewhere in the record, small letters, stems and diacritics aside."""
    store = searched(trial)
    keep(store, "a", "Login is slow", body="since Monday")
    keep(store, "b", "Login fails", keywords="vpn Zürich")
    keep(store, "c", "Disk full")
    equal(hits(store, "login slow"), ["a"])
    equal(hits(store, "LOGINS monday"), ["a"])
    equal(hits(store, "zurich"), ["b"])
    equal(hits(store, "log*"), ["b", "a"])
    equal(hits(store, '"login slow"'), [])
    equal(hits(store, '"is slow"'), ["a"])
    equal(hits(store, "full slow", either=True), ["c", "a"])
    equal(hits(store, "nothing"), [])


def titles_first(trial: StoreTrial) -> None:
    """A word in the title counts for more than one in a note."""
    store = searched(trial)
    keep(store, "note", "Disk full", notes=((1, "printer"),))
    keep(store, "body", "Disk full", body="printer")
    keep(store, "words", "Disk full", keywords="printer")
    keep(store, "title", "Printer full")
    equal(hits(store, "printer"), ["title", "words", "body", "note"])


def fields(trial: StoreTrial) -> None:
    """A hit brings the texts that are indexed, and no number of an entry is a word."""
    store = searched(trial)
    keep(store, "a", "Title", keywords="kw", body="body", notes=((1, "first"), (12, "second")))
    (hit,) = store.search(MAIN, TextQuery(needles("second"), (Among("incident"),))).hits
    equal((hit.kind, hit.id), ("incident", "a"))
    equal(hit.texts, ("Title", "kw", "body", "first\nsecond"))
    true(hit.score > 0, "a score is above 0")
    # The number of an entry is none of the words.
    equal(hits(store, "12"), [])


def change(trial: StoreTrial) -> None:
    """Texts are replaced, kept or added to as the batch says."""
    store = searched(trial)
    keep(store, "a", "Login is slow", notes=((1, "first note"),))
    write(store, puts=(put("a", 1),), texts=(text("a", "Disk full", body="b"),))
    equal(hits(store, "login"), [])
    equal(hits(store, "disk first"), ["a"])
    write(store, puts=(put("a", 2),), texts=(text("a", None, notes=((3, "second note"),)),))
    equal(hits(store, "disk first second"), ["a"])
    both = text("a", "Both", notes=((4, "third"),))
    write(store, puts=(put("a", 3),), texts=(both,))
    equal(hits(store, "both first second third"), ["a"])
    anew = text("a", "Anew", notes=((9, "ninth"),), anew=True)
    write(store, puts=(put("a", 4),), texts=(anew,))
    equal(hits(store, "first"), [])
    equal(hits(store, "anew ninth"), ["a"])


def note_first(trial: StoreTrial) -> None:
    """A note may be the first text of a record."""
    store = searched(trial)
    write(store, puts=(put("a"),), texts=(text("a", None, notes=((1, "alone"),)),))
    equal(hits(store, "alone"), ["a"])


def refused_and_replayed(trial: StoreTrial) -> None:
    """A refused batch and a replay leave the texts as they are."""
    store = searched(trial)
    keep(store, "a", "Login")
    with refused(Conflict):
        write(store, puts=(put("a", 7),), texts=(text("a", "Changed"),))
    equal(hits(store, "changed"), [])
    request = Request("r", "f", "x")
    note = text("a", None, notes=((2, "once"),))
    for _ in range(2):
        write(store, request=request, puts=(put("a", 1),), texts=(note,))
    (hit,) = store.search(MAIN, TextQuery(needles("once"), (Among("incident"),))).hits
    equal(hit.texts[3], "once")


def beside_a_refused_batch(trial: StoreTrial) -> None:
    """A refused batch of a group leaves the texts of the others."""
    store = searched(trial)
    keep(store, "a", "Login")
    good = (put("b"), put("c"))
    # A stale expectation in the group sends the whole of it down the other path.
    first = attrs.evolve(batch(puts=good, texts=(text("b", "Beta"), text("c", "Gamma"))))
    second = batch(puts=(put("a", 9),), texts=(text("a", "Never"),))
    answers = store.commit_group([first, second])
    of_type(answers[1], Conflict)
    equal(hits(store, "beta"), ["b"])
    equal(hits(store, "never"), [])


def tenants_apart(trial: StoreTrial) -> None:
    """Texts of two tenants never meet, nor do they count for each other."""
    store = searched(trial)
    keep(store, "a", "Login is slow")
    keep(store, "a", "Printer", tenant=OTHER)
    for number in range(30):
        keep(store, f"x{number:02}", "Login login login", tenant=OTHER)
    equal(hits(store, "login"), ["a"])
    equal(hits(store, "login", limit=1), ["a"])
    equal(hits(store, "printer"), [])
    equal(len(hits(store, "login", tenant=OTHER, limit=7)), 30)


def filters(trial: StoreTrial) -> None:
    """Search takes the filters of find, and refuses what find refuses."""
    store = searched(trial)
    keep(store, "a", "Login", state="new", rank=1)
    keep(store, "b", "Login", state="closed", rank=2)
    closed = Compare("state", Op.EQ, "closed")
    equal(hits(store, "login", (Among("incident", closed),)), ["b"])
    equal(hits(store, "login", (Among("incident", NOTHING),)), [])
    equal(hits(store, "login", ()), [])
    with refused(InvalidValue, "nothere"):
        hits(store, "login", (Among("incident", Compare("nothere", Op.EQ, "")),))
    with refused(InvalidValue, "not declared"):
        hits(store, "login", (Among("unknown"),))
    with refused(InvalidValue, "limit"):
        hits(store, "login", limit=0)


def several_kinds(trial: StoreTrial) -> None:
    """Several kinds are searched at once, each by its own filter."""
    store = searched(trial)
    keep(store, "a", "Login")
    row = Row("bare", "z", 1, 1, "h", (), "[]")
    write(store, puts=(Put(row, 0),), texts=(SearchText("bare", "z", "Login"),))
    equal(hits(store, "login"), ["a"])
    both = (Among("incident"), Among("bare"))
    equal(sorted(hits(store, "login", both)), ["a", "z"])
    equal(hits(store, "login", (Among("incident", Compare("state", Op.EQ, "-")), both[1])), ["z"])


def pages(trial: StoreTrial) -> None:
    """Pages hold each hit once, though all fit equally well."""
    store = searched(trial)
    names = [f"n{number:02}" for number in range(23)]
    for name in names:
        keep(store, name, "Login is slow")
    equal(hits(store, "login", limit=5), names)
    page = store.search(MAIN, TextQuery(needles("login"), (Among("incident"),), limit=23))
    equal(page.next, None)
    after = SearchCursor(page.hits[-1].score, 10**6)
    query = TextQuery(needles("login"), (Among("incident"),), after)
    equal(store.search(MAIN, query).hits, ())


def redacted(trial: StoreTrial) -> None:
    """What was redacted or purged is found no longer."""
    store = searched(trial)
    entries = tuple(entry("a", seq, at=START + seq) for seq in (1, 2, 3))
    notes = ((1, "alpha"), (2, "beta"), (3, "gamma"))
    write(store, puts=(put("a"),), entries=entries, texts=(text("a", "T", notes=notes),))
    equal(store.redact(MAIN, "incident/a", [2]), 1)
    equal(hits(store, "beta"), [])
    equal(hits(store, "alpha gamma"), ["a"])
    store.purge(MAIN, START + 2, ["incident/a"])
    equal(hits(store, "alpha"), [])
    equal(hits(store, "gamma"), ["a"])
    store.purge(MAIN, START + 9, ["incident/a", "incident/none"])
    equal(hits(store, "gamma"), [])
    equal(hits(store, "t"), ["a"])
    equal(store.redact(MAIN, "incident/none", [1]), 0)


def closed(trial: StoreTrial) -> None:
    """A closed store does not search."""
    store = searched(trial)
    store.close()
    with refused(StoreClosed):
        hits(store, "login")


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.search.every-word", every_word, requires=("search",)),
    Case("store.search.titles-first", titles_first, requires=("search",)),
    Case("store.search.fields", fields, requires=("search",)),
    Case("store.search.change", change, requires=("search",)),
    Case("store.search.note-first", note_first, requires=("search",)),
    Case("store.search.refused-and-replayed", refused_and_replayed, requires=("search",)),
    Case("store.search.beside-a-refused-batch", beside_a_refused_batch, requires=("search",)),
    Case("store.search.tenants-apart", tenants_apart, requires=("search",)),
    Case("store.search.filters", filters, requires=("search",)),
    Case("store.search.several-kinds", several_kinds, requires=("search",)),
    Case("store.search.pages", pages, requires=("search",)),
    Case("store.search.redacted", redacted, requires=("search",)),
    Case("store.search.closed", closed, requires=("search",)),
)
"""The cases of this theme."""
