"""From a document (TOML, JSON or a dict) to a Policy, or to the list of all that is wrong in it.

Each section of the document is read in `policy/sections`; here they are put together.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from incidentkit.errors import PolicyError
from incidentkit.policy.document import Policy, canonical, content_hash
from incidentkit.policy.merging import merged, profile
from incidentkit.policy.reading import Problems, plain
from incidentkit.policy.sections import (
    alerts,
    audiences,
    dossier,
    lifecycle,
    matrix,
    notices,
    paging,
    series,
    targets,
)
from incidentkit.policy.table import Table


def load_policy(document: Mapping[str, Any] | str) -> Policy:
    """Read a policy from a table, or from TOML text.

    Raises PolicyError listing every problem with its path.
    """
    problems: Problems = []
    whole = merged(profile("default"), plain(_parsed(document), "", problems))
    policy = _read(Table(whole, "", problems), canonical(whole))
    if problems:
        raise PolicyError(tuple(problems))
    return policy


def _parsed(document: object) -> Mapping[Any, Any]:
    if isinstance(document, str):
        try:
            return tomllib.loads(document)
        except (ValueError, RecursionError) as error:
            hint = "; hand a file over as Path(...)" if "\n" not in document else ""
            raise PolicyError((("(document)", f"is not TOML: {error}{hint}"),)) from None
    if isinstance(document, Mapping):
        return cast("Mapping[Any, Any]", document)
    kind = type(document).__name__
    raise PolicyError((("(document)", f"must be a table or TOML text, not {kind}"),))


def default_policy() -> Policy:
    """The policy that stands until a host adopts another."""
    return _default()


@cache
def _default() -> Policy:
    return load_policy({})


def _read(top: Table, source: str) -> Policy:
    hear = audiences.read(top.table("audiences"))
    scale = matrix.read(top.table("matrix"))
    policy = Policy(
        name=top.text("name", "default"),
        matrix=scale,
        lifecycle=lifecycle.read(top.table("lifecycle")),
        paging=paging.read(top.table("paging")),
        alerts=alerts.read(top.table("alerts"), scale),
        targets=targets.read(top.table("targets")),
        audiences=hear,
        notices=notices.read(top.tables("notices"), hear),
        series=series.read(top.table("series")),
        services=top.texts("services"),
        parties=top.texts("parties"),
        closed=top.flag("closed", default=False),
        sync=top.text("sync"),
        source=source,
        hash=content_hash(source),
    )
    policy = dossier.read(top, policy)
    top.done()
    return policy
