"""What some stores can do beyond the contract: search, tally, and fill new index columns.

A store without search is scanned by the core, slowly and within a bound. A store that needs no
filling, because it keeps nothing between two releases, has nothing to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol, runtime_checkable

import attrs

from incidentkit.ids import TenantName
from incidentkit.lang.words import Needle
from incidentkit.ports.query import EVERYTHING, Filter, Query
from incidentkit.ports.rows import Row, Scalar, SearchText


@attrs.frozen
class Among:
    """Which records of a kind may be found."""

    kind: str
    where: Filter = EVERYTHING


@attrs.frozen
class SearchCursor:
    """The last hit of a page: its score, and its place among equal ones."""

    score: int
    place: int


@attrs.frozen
class TextQuery:
    """Find records of these kinds in whose text every needle stands; with `either`, at least one.

    With `either`, what has more and rarer ones comes first.
    """

    needles: tuple[Needle, ...]
    among: tuple[Among, ...]
    after: SearchCursor | None = None
    limit: int = 20
    either: bool = False


@attrs.frozen
class TextHit:
    """A record that was found, how well it fits, and its fields as they are indexed.

    Scores are whole numbers of a scale of the store's own: only their order and their ratio mean
    something, and only within one search.
    """

    kind: str
    id: str
    score: int
    texts: tuple[str, str, str, str]


@attrs.frozen
class TextPage:
    """Hits, best first, and the cursor of the next page (None: this was the last)."""

    hits: tuple[TextHit, ...]
    next: SearchCursor | None


@runtime_checkable
class SupportsSearch(Protocol):
    """A store that keeps the texts of batches and finds records by their words.

    Words are compared in small letters, without diacritics and by their stems (see
    `incidentkit.lang.words`), whatever the store; scores are for it to choose.
    """

    def search(self, tenant: TenantName, query: TextQuery) -> TextPage | None:
        """One page, never of another tenant. None where this store cannot search at present.

        Raises IndexStale while texts written by an earlier release are not indexed yet.
        """
        ...


@runtime_checkable
class SupportsTally(Protocol):
    """A store that counts records by the values of a column, without reading their bodies."""

    def tally(self, tenant: TenantName, query: Query, column: str) -> Mapping[Scalar, int]:
        """How many of the query's rows have each value; a value that none has is left out."""
        ...


class Lag(StrEnum):
    """What is behind for a kind."""

    COLUMNS = "columns"
    TEXTS = "texts"


@attrs.frozen
class Stale:
    """A kind whose records were written by an earlier release and wait to be indexed."""

    kind: str
    lag: Lag


@attrs.frozen
class Reindexed:
    """The index of one record as it should be, if the record still stands at `version`.

    `columns` count where columns are behind, `text` where texts are.
    """

    tenant: TenantName
    id: str
    version: int
    columns: tuple[Scalar, ...]
    text: SearchText | None = None


@runtime_checkable
class SupportsReindex(Protocol):
    """A store whose index columns and texts can be filled by reading every record again.

    The store reads no body, so the desk does it, page by page. What was done stays done when the
    process dies; two processes that do it at once do no harm.
    """

    def stale(self) -> Sequence[Stale]:
        """What waits. Until it is done, `find`, `count` or `search` of it raise IndexStale."""
        ...

    def stale_rows(self, what: Stale, limit: int) -> Sequence[tuple[TenantName, Row]]:
        """The next records to do, of every tenant; none when all are done."""
        ...

    def reindex(self, what: Stale, done: Sequence[Reindexed]) -> None:
        """Write the index of these records, in the order they were given; touch nothing else.

        Body, version, head and journal stay as they are. With nothing in `done`, the kind is no
        longer stale.
        """
        ...
