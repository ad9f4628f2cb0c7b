"""Which links there may be between which kinds of record.

Merging and splitting leave links of their own, which nobody makes or takes away by hand: undoing
them means giving back what was moved.
"""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.errors import InvalidValue
from incidentkit.model.incident import Incident, Link
from incidentkit.model.words import LinkKind as K

_SAME = (
    K.CHILD_OF,
    K.DUPLICATE_OF,
    K.RELATED,
    K.SAME_EVENT_AS,
    K.SUCCESSOR_OF,
    K.RECURRENCE_OF,
    K.WORKAROUND_FROM,
    K.BLOCKED_BY,
)


def _both_ways(kinds: tuple[K, ...]) -> frozenset[K]:
    return frozenset((*kinds, *(kind.inverse for kind in kinds)))


_TO_PROBLEM = (K.CAUSED_BY, K.RELATED, K.RECURRENCE_OF, K.WORKAROUND_FROM, K.BLOCKED_BY)
_TO_CHANGE = (K.CAUSED_BY_CHANGE, K.RESOLVED_BY_CHANGE, K.RELATED, K.BLOCKED_BY)
ALLOWED: Mapping[tuple[str, str], frozenset[K]] = {
    ("incident", "incident"): _both_ways(_SAME),
    ("incident", "problem"): frozenset(_TO_PROBLEM),
    ("problem", "incident"): frozenset(kind.inverse for kind in _TO_PROBLEM),
    ("problem", "problem"): _both_ways((*_SAME, K.CAUSED_BY)),
    ("incident", "change"): frozenset(_TO_CHANGE),
    ("problem", "change"): frozenset(_TO_CHANGE),
    ("incident", "maintenance"): frozenset(_TO_CHANGE),
    ("maintenance", "incident"): frozenset(kind.inverse for kind in _TO_CHANGE),
}
"""(this end, the other end) -> the kinds that a person may link them by."""
OTHERS = frozenset((K.RELATED,))
"""What any other pair of records may be linked by."""
MADE_BY = {
    K.MERGED_INTO: "merge",
    K.MERGED_FROM: "merge",
    K.SPLIT_FROM: "split",
    K.SPLIT_INTO: "split",
}
"""Links that are the trace of a command, and cannot be made or taken away otherwise."""


def check_link(kind: K, near: str, far: str) -> None:
    """Whether records of these kinds may be linked so. Raises InvalidValue, naming what may be."""
    allowed = ALLOWED.get((near, far), OTHERS)
    if kind not in allowed:
        made = MADE_BY.get(kind)
        hint = f"; {kind} is made by the command {made}" if made else ""
        listed = ", ".join(sorted(allowed))
        raise InvalidValue("kind", f"{near} to {far} may be linked by {listed}, not {kind}{hint}")


def check_unlink(kind: K) -> None:
    """Whether a link of this kind may be taken away by hand. Raises InvalidValue."""
    if kind in MADE_BY:
        undo = "unmerge" if MADE_BY[kind] == "merge" else "merge them again"
        raise InvalidValue("kind", f"{kind} is the trace of a {MADE_BY[kind]}; {undo} instead")


def linked(incident: Incident, kind: K) -> tuple[Link, ...]:
    """The links of one kind."""
    return tuple(x for x in incident.ties.links if x.kind is kind)


def check_parent(child: Incident, above: tuple[str, ...], below: int, depth: int) -> None:
    """Whether an incident may become the child of another.

    `above` are the ids from the new parent upwards, `below` the generations under the child.
    Raises InvalidValue for a circle, a second parent, or more than `depth` generations.
    """
    if child.id in above:
        raise InvalidValue("target", f"{child.ref} would be its own ancestor")
    parents = linked(child, K.CHILD_OF)
    if parents and parents[0].target != f"incident/{above[0]}":
        raise InvalidValue("target", f"{child.ref} is a child of {parents[0].ref}; unlink it first")
    if len(above) + 1 + below > depth:
        raise InvalidValue(
            "target", f"there would be {len(above) + 1 + below} generations; at most {depth} may be"
        )
