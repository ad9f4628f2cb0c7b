"""Which tickets of a host the library has to do with, and how far it acts on them.

A ticket's place in the share is drawn from its key alone: who asks again gets the same answer, and
a share that grows keeps every ticket it had.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import blake2b

import attrs

from incidentkit.lang.conditions import ALWAYS, Condition
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.reason import Plain, Reason
from incidentkit.model.words import Mode
from incidentkit.rules.kept import given_all, keep_all

RULE = "enrol.decide"
VERSION = 1
PLACES = 10_000
"""Into how many places tickets are spread; a percent of them is a hundred."""


@attrs.frozen
class EnrolTerms:
    """What a host sets about its tickets: which the library takes, and how far it then acts.

    `share` is in percent of those that the condition holds of. A ticket that is adopted within
    `fresh_for` of its opening is new: what follows from a declaration follows from it.
    """

    mode: Mode = Mode.NONE
    when: Condition = ALWAYS
    share: int = 100
    fresh_for: timedelta = timedelta(minutes=5)


NOBODY_ENROLLED = EnrolTerms()


def place(system: str, key: str) -> int:
    """Where a ticket stands among all, from 0 on below `PLACES`; the same for ever.

    >>> place("helpdesk", "17") == place("helpdesk", "17")
    True
    """
    digest = blake2b(f"{system}\x1f{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % PLACES


def enrol(
    system: str,
    key: str,
    facts: Mapping[str, object],
    terms: EnrolTerms,
    policy: str = "",
    *,
    stated: Mode | None = None,
    why: str = "",
) -> Reason:
    """How far to act on a ticket; the outcome is a mode. `stated` is what a person said, and why.

    A fact that the condition asks and nobody stated leaves the ticket out, and is listed.
    """
    known = {"ticket": {**facts, "system": system, "key": key}}
    verdict = terms.when.evaluate(known)
    inputs: FrozenMap[str, Plain] = FrozenMap(
        {
            "system": system,
            "key": key,
            "mode": terms.mode.value,
            "when": str(terms.when),
            "facts": keep_all(verdict.read),
            "share": terms.share,
            "stated": "" if stated is None else stated.value,
            "why": why,
        }
    )
    unknowns = verdict.unknowns if stated is None else ()
    return Reason(RULE, VERSION, inputs, judge(inputs), policy, unknowns)


def judge(inputs: Mapping[str, Plain]) -> str:
    """The mode drawn from plain inputs, and from nothing else."""
    if inputs["stated"]:
        return str(inputs["stated"])
    if not Condition.parse(str(inputs["when"])).holds(given_all(inputs["facts"])):
        return Mode.NONE.value
    share = inputs["share"]
    taken = int(share) if isinstance(share, int) else 0
    if place(str(inputs["system"]), str(inputs["key"])) >= taken * PLACES // 100:
        return Mode.NONE.value
    return str(inputs["mode"])
