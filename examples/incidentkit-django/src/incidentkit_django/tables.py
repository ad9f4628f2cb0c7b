"""From the tables of the store contract to Django's models.

`incidentkit` says which tables and columns it needs; this makes an ordinary model of each. A newer
incidentkit may need further columns: `makemigrations` then finds them here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import models

from incidentkit.ports.rows import KindSpec
from incidentkit.stores.tables import FIXED_TABLES, TableSpec, kind_of
from incidentkit_django.fields import ByteText

RENAMED = {"id": "uid"}
"""Django keeps the name `id` for a primary key of its own."""


def attribute(column: str) -> str:
    """What a column of the contract is called in its model."""
    return RENAMED.get(column, column)


def model_name(table: str) -> str:
    """`record_incident` -> `RecordIncident`."""
    return "".join(part.capitalize() for part in table.split("_"))


def tables(kinds: Iterable[KindSpec]) -> Iterator[TableSpec]:
    """Every table that a store with these kinds needs."""
    yield from FIXED_TABLES
    for spec in kinds:
        kind = kind_of(spec)
        yield kind.record
        if kind.tally is not None:
            yield kind.tally


def model_of(spec: TableSpec, app_label: str, module: str) -> type[models.Model]:
    """The model of one table. The contract's key is unique; the primary key is Django's own."""
    fields: dict[str, object] = {"row": models.BigAutoField(primary_key=True)}
    # Columns have defaults, so that one which a later release adds can be added to rows there are.
    made = {
        "text": lambda: ByteText(default="", blank=True),
        "maybe_text": lambda: ByteText(null=True, blank=True),
        "int64": lambda: models.BigIntegerField(default=0),
        "bool": lambda: models.BooleanField(default=False),
    }
    for column in spec.columns:
        fields[attribute(column.name)] = made[column.stored]()
    title = spec.name.replace("_", " ")
    short = f"ik_{spec.name}"[:22]
    meta = {
        "app_label": app_label,
        "db_table": f"incidentkit_{spec.name}",
        "verbose_name": title,
        "verbose_name_plural": f"{title} rows",
        "constraints": [
            models.UniqueConstraint(
                fields=[attribute(name) for name in spec.key],
                name=f"incidentkit_{spec.name}_key",
            )
        ],
        "indexes": [
            models.Index(fields=[attribute(name) for name in order], name=f"{short}_{number}")
            for number, order in enumerate(spec.indexes)
        ],
    }
    body = {**fields, "Meta": type("Meta", (), meta), "__module__": module, "__str__": _shown}
    return type(model_name(spec.name), (models.Model,), body)


def _shown(self: models.Model) -> str:
    for name in ("c_ref", "uid", "stream", "key", "series", "kind", "name"):
        value = getattr(self, name, "")
        if value:
            return str(value)
    return str(self.pk)
