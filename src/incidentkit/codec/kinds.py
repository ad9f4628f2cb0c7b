"""The stored kinds: which class each kind decodes to, its columns, its schema and its upcasters.

Classes are named by place and imported at first use, so that a desk which never meets a problem
never pays for the class. A row with a newer schema is refused, an older one is lifted step by step
on its parsed document; the bodies of old schemas are kept as golden files for ever.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

import attrs

from incidentkit.codec import columns
from incidentkit.codec.backend import Backend
from incidentkit.codec.damage import DamagedRecord, Misfit
from incidentkit.codec.stdlib import JSON
from incidentkit.codec.tallies import ALERTS, BEATS, Counting
from incidentkit.errors import SchemaTooNew
from incidentkit.flows import kinds
from incidentkit.flows.effects import Kind
from incidentkit.flows.indexing import SEARCHED
from incidentkit.ports.rows import Column, KindSpec, Put, Row, Scalar

Upcaster: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""(kind, schema) -> what makes a document of that schema one of the next. There are none yet."""


class StoredKind:
    """One kind of record as the store keeps it."""

    def __init__(
        self,
        kind: Kind[Any],
        place: str,
        columns_: tuple[Column, ...],
        columns_of: Callable[[Any, int], tuple[Scalar, ...]],
        schema: int = 1,
        counting: Counting | None = None,
        shortlist: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.name: str = kind.name
        self.spec: KindSpec = KindSpec(
            kind.name, columns_, counting is not None, kind.name in SEARCHED, shortlist
        )
        self.columns = columns_of
        self.schema = schema
        self.counting = counting
        self._place = place
        self._type: type[Any] | None = None

    @property
    def type(self) -> type[Any]:
        """The class of its values."""
        if self._type is None:
            module, _, name = self._place.partition(":")
            self._type = cast("type[Any]", getattr(importlib.import_module(module), name))
        return self._type

    def encode(self, value: object, backend: Backend = JSON) -> str:
        """The body of a value. What a tally counts is left at its default."""
        if type(value) is not (self._type or self.type):
            raise TypeError(f"a record of kind {self.name} is no {type(value).__name__}")
        if self.counting is not None:
            value = self.counting.bare(value)
        return backend.encode(value)

    def decode(self, body: str, schema: int | None = None, backend: Backend = JSON) -> Any:
        """The value of a body of this or an earlier schema.

        Raises SchemaTooNew for a later one, Misfit for a body that does not fit.
        """
        if schema is None or schema == self.schema:
            return backend.decode(self._type or self.type, body)
        if schema > self.schema:
            raise SchemaTooNew(
                f"{self.name} has schema {schema}, this incidentkit knows up to {self.schema}: "
                "it was written by a newer one; upgrade"
            )
        document = backend.parse(body)
        for step in range(schema, self.schema):
            document = self._lifted(document, step)
        return backend.build(self.type, document)

    def _lifted(self, document: Any, step: int) -> Any:
        lift = UPCASTERS.get((self.name, step))
        if lift is None:
            raise Misfit("$", f"nothing leads from schema {step} of {self.name} to the next")
        try:
            return lift(document)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise Misfit("$", f"schema {step} cannot be lifted: {error!r}") from error


_MODEL = "incidentkit.model"

KINDS: Mapping[str, StoredKind] = {
    each.name: each
    for each in (
        StoredKind(
            kinds.INCIDENT,
            f"{_MODEL}.incident:Incident",
            columns.INCIDENT,
            columns.incident,
            shortlist=columns.INCIDENT_SHORTLIST,
        ),
        StoredKind(kinds.PROBLEM, f"{_MODEL}.problem:Problem", columns.PROBLEM, columns.problem),
        StoredKind(
            kinds.ALERT,
            f"{_MODEL}.alert:AlertRecord",
            columns.ALERT,
            columns.alert,
            counting=ALERTS,
        ),
        StoredKind(kinds.CAPTURE, f"{_MODEL}.alert:Capture", columns.CAPTURE, columns.capture),
        StoredKind(kinds.CHANGE, f"{_MODEL}.alert:ChangeRecord", columns.CHANGE, columns.change),
        StoredKind(
            kinds.HEARTBEAT,
            f"{_MODEL}.alert:Heartbeat",
            columns.HEARTBEAT,
            columns.heartbeat,
            counting=BEATS,
        ),
        StoredKind(
            kinds.DELIVERY, f"{_MODEL}.delivery:Delivery", columns.DELIVERY, columns.delivery
        ),
        StoredKind(kinds.REVIEW, f"{_MODEL}.review:Review", columns.REVIEW, columns.review),
        StoredKind(kinds.ADOPTION, f"{_MODEL}.adoption:Adoption", columns.ALONE, columns.alone),
        StoredKind(kinds.SEAL, f"{_MODEL}.adoption:Seal", columns.ALONE, columns.alone),
        StoredKind(
            kinds.MAINTENANCE,
            f"{_MODEL}.maintenance:Maintenance",
            columns.MAINTENANCE,
            columns.maintenance,
        ),
        StoredKind(kinds.SILENCE, f"{_MODEL}.silence:Silence", columns.SILENCE, columns.silence),
        StoredKind(
            kinds.SUPPRESSIONS,
            f"{_MODEL}.suppressions:Suppressions",
            columns.ALONE,
            columns.alone,
        ),
        StoredKind(kinds.REPORT, f"{_MODEL}.report:Report", columns.REPORT, columns.report),
        StoredKind(
            kinds.ADMISSION, f"{_MODEL}.admission:Admission", columns.ADMISSION, columns.admission
        ),
        StoredKind(
            kinds.READINGS, f"{_MODEL}.admission:Readings", columns.READINGS, columns.readings
        ),
        StoredKind(kinds.TICKET, f"{_MODEL}.hosting:Ticket", columns.TICKET, columns.ticket),
        StoredKind(kinds.LAST_GOOD, f"{_MODEL}.last_good:LastGood", columns.ALONE, columns.alone),
    )
}

SPECS: tuple[KindSpec, ...] = tuple(each.spec for each in KINDS.values())
"""What every store is told at its opening."""


def to_put(
    kind_name: str,
    value: Any,
    version: int,
    head: str,
    expected: int,
    changed_at: int,
    counted: int = 0,
    backend: Backend = JSON,
) -> Put:
    """The put that stores a value at `version`, if the record stands at `expected`.

    `changed_at` is in microseconds. A put *adds* to an alert's count, so `counted` says how much
    of `value.seen` the store knows already: the `seen` of the record as it was loaded.
    """
    stored = KINDS[kind_name]
    counting = stored.counting
    tally = None if counting is None else counting.fill(value, counted)
    body = stored.encode(value, backend)
    row = Row(
        kind_name,
        value.id,
        version,
        stored.schema,
        head,
        stored.columns(value, changed_at),
        body,
        tally,
    )
    return Put(row, expected)


def changed_at(row: Row) -> int:
    """When a record changed last, as its row says; 0 where the row was written without."""
    place = [column.name for column in KINDS[row.kind].spec.columns].index("changed_at")
    found = row.columns[place]
    return found if isinstance(found, int) else 0


def from_row(row: Row, backend: Backend = JSON) -> Any:
    """The value of a row. The row's version and tally win over what the body says.

    Raises DamagedRecord for a body that does not fit, SchemaTooNew for a schema or kind that this
    version does not know.
    """
    stored = KINDS.get(row.kind)
    if stored is None:
        raise SchemaTooNew(f"no kind of record is called {row.kind!r} here; upgrade incidentkit")
    try:
        value = stored.decode(row.body, row.schema, backend)
    except Misfit as error:
        raise DamagedRecord(row.kind, row.id, error.path, error.problem) from None
    if value.id != row.id:
        raise DamagedRecord(row.kind, row.id, "$.id", f"the body is of {value.id!r}")
    if row.tally is not None and stored.counting is not None:
        return stored.counting.take(value, row.version, row.tally)
    return value if value.version == row.version else attrs.evolve(value, version=row.version)
