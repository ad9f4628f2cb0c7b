"""The next version of an incident with something of its dossier replaced; helpers for lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

import attrs

from incidentkit.errors import NotFound
from incidentkit.model.checks import LIST_LIMIT, check_count
from incidentkit.model.incident import Incident
from incidentkit.rules.evolve_parts import part


class HasId(Protocol):
    """Whatever has an id within its incident."""

    @property
    def id(self) -> str:
        """The id."""
        ...


T = TypeVar("T", bound=HasId)
V = TypeVar("V")


def with_scope(i: Incident, **changed: Any) -> Incident:
    """The incident, one version on, with these fields of its scope replaced."""
    scope = attrs.evolve(i.dossier.scope, **changed)
    return part(i, dossier=attrs.evolve(i.dossier, scope=scope))


def with_findings(i: Incident, **changed: Any) -> Incident:
    """The incident, one version on, with these fields of its findings replaced."""
    findings = attrs.evolve(i.dossier.findings, **changed)
    return part(i, dossier=attrs.evolve(i.dossier, findings=findings))


def next_id(prefix: str, items: tuple[object, ...], field: str, limit: int = LIST_LIMIT) -> str:
    """The id of one more of a list that only grows. Raises LimitExceeded where it is full.

    >>> next_id("H", ("first",), "hypotheses")
    'H2'
    """
    check_count(len(items) + 1, field, limit)
    return f"{prefix}{len(items) + 1}"


def existing(found: V | None, kind: str, name: str, choices: Iterable[HasId] = ()) -> V:
    """What was found, or NotFound naming what there is."""
    if found is None:
        raise NotFound(kind, name, tuple(x.id for x in choices)[-20:])
    return found


def changed(items: tuple[T, ...], id_: str, **to: Any) -> tuple[T, ...]:
    """The list with the fields of one entry replaced."""
    return tuple(attrs.evolve(x, **to) if x.id == id_ else x for x in items)  # type: ignore[misc]
