"""From a document (TOML, JSON or a dict) to a Policy, or to the list of all that is wrong in it.

Each section of the document is read in `policy/sections`; here they are put together.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import attrs

from incidentkit.errors import PolicyError
from incidentkit.policy.document import Policy, canonical, content_hash
from incidentkit.policy.facts import vocabulary
from incidentkit.policy.merging import PROFILES, completed
from incidentkit.policy.reading import Problems, nearest, plain, refusal
from incidentkit.policy.sections import (
    access,
    alerts,
    audiences,
    automation,
    catalogue,
    delivery,
    dossier,
    enrol,
    facts,
    lifecycle,
    maintenance,
    matrix,
    notices,
    overrides,
    ownership,
    paging,
    parties,
    problems,
    recurrence,
    reports,
    retention,
    review,
    series,
    services,
    silences,
    targets,
)
from incidentkit.policy.table import Table

ABOUT = {
    "name": "What explanations call it.",
    "profile": "What it is based on: whatever it leaves out is taken from there.",
    "closed": "Whether names of services and parties that are not listed here are refused.",
    "sync": "The channel that hears of every change of state; empty: none.",
    **catalogue.ABOUT,
    **dossier.ABOUT,
}
"""What the keys mean that stand in no table."""


_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_FILES = (".toml", ".json")


def load_policy(document: Mapping[str, Any] | str) -> Policy:
    """Read a policy from a table, from TOML or JSON text, or by the name of a profile.

    Raises PolicyError listing every problem with its path.
    """
    problems: Problems = []
    if isinstance(document, str) and _WORD.fullmatch(document):
        document = _profile_named(document)
    whole = completed(plain(parsed(document), "", problems))
    return _judged(Table(whole, "", problems), canonical(whole))


def _profile_named(word: str) -> Mapping[str, Any]:
    """The document that a single word means: no TOML or JSON is one, so a name was meant."""
    if word in PROFILES:
        return {"profile": word}
    problem = f"{word[:80]!r} is no profile{nearest(word, PROFILES)}"
    raise PolicyError((("(document)", problem),))


def adopted_policy(source: str) -> Policy:
    """The policy of a document as it was adopted: canonical JSON, complete in itself.

    Nothing is taken from a profile, which another release may have changed since, and what new
    documents are refused for since then (`Table.refused`) does not concern it. Raises
    PolicyError where this release cannot read it.
    """
    return _judged(Table(json.loads(source), "", [], adopted=True), source)


def _judged(whole: Table, source: str) -> Policy:
    policy = compose(whole, source)
    if whole.problems:
        raise refusal(whole.problems)
    return policy


def parsed(document: object) -> Mapping[Any, Any]:
    """A table, or the one that TOML or JSON text means. Raises PolicyError where it is neither."""
    if isinstance(document, str):
        # No TOML document begins with a brace, and a JSON one always does.
        form, read = ("JSON", json.loads) if _is_json(document) else ("TOML", tomllib.loads)
        try:
            return cast("Mapping[Any, Any]", read(document))
        except (ValueError, RecursionError) as error:
            line = "\n" not in document
            problem = f"is not {form}: {error}{'; hand a file over as Path(...)' if line else ''}"
            if line and document.lower().endswith(_FILES):
                problem = f"{document[:200]!r} is the name of a file; hand it over as Path(...)"
            raise PolicyError((("(document)", problem),)) from None
    if isinstance(document, Mapping):
        return cast("Mapping[Any, Any]", document)
    kind = type(document).__name__
    raise PolicyError((("(document)", f"must be a table or TOML text, not {kind}"),))


def _is_json(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n").startswith("{")


def default_policy() -> Policy:
    """The policy that stands until a host adopts another."""
    return _default()


@cache
def _default() -> Policy:
    return load_policy({})


def compose(top: Table, source: str) -> Policy:
    """The policy whose sections are read from this table; what is wrong is written down in it."""
    hear = audiences.read(top.table("audiences"))
    scale = matrix.read(top.table("matrix"))
    own = facts.read(top.table("facts"))
    words = vocabulary(own)
    life = lifecycle.with_relations(
        lifecycle.read(top.table("lifecycle"), top, words),
        top.table("parent"),
        top.table("holds"),
        words,
    )
    entry = access.read(top.table("access"), words)
    policy = Policy(
        name=top.text("name", "default"),
        matrix=scale,
        lifecycle=attrs.evolve(life, glass_for=entry.glass_for),
        paging=paging.read(top.table("paging")),
        alerts=alerts.read(top.table("alerts"), scale),
        targets=targets.read(top.table("targets")),
        audiences=hear,
        notices=notices.read(top.tables("notices"), hear, words),
        series=series.read(top.table("series")),
        services=services.read(top),
        parties=parties.read(top),
        closed=top.flag("closed", default=False),
        sync=top.text("sync"),
        source=source,
        hash=content_hash(source),
        review=review.read(top.table("review"), words),
        overrides=overrides.read(top.tables("overrides"), words.incident),
        catalogue=catalogue.read(top),
        facts=own,
        profile=top.choice("profile", PROFILES, "default"),
        automation=automation.read(top.tables("automation"), words),
        problems=problems.read(top.table("problems")),
        recurrence=recurrence.read(top.tables("recurrence"), words),
        maintenance=maintenance.read(top.table("maintenance")),
        silences=silences.read(top.table("silences")),
        reports=reports.read(top.table("reports"), words),
        delivery=delivery.read(top.table("delivery")),
        access=entry,
        enrol=enrol.read(top.table("enrol")),
        ownership=ownership.read(top.table("ownership")),
        retention=retention.read(top.table("retention")),
    )
    policy = dossier.read(top, policy)
    top.done()
    return policy
