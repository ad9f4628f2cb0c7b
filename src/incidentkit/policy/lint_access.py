"""Unwise things about access: roles that were meant to be others, or that allow nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from incidentkit.policy.document import Policy
from incidentkit.policy.finding import Finding
from incidentkit.rules.access import INSIDE, ROLES


def access(policy: Policy) -> Iterator[Finding]:
    """Roles beside those there are at first: a name mistyped makes a new one, which says nothing.

    A policy may have as many of its own as it likes, so only what looks like one of ours, or can
    have no use, is told.
    """
    for kind, names, there in (
        ("roles", policy.access.roles, ROLES),
        ("inside", policy.access.inside, INSIDE),
    ):
        for name in sorted(set(names) - set(there)):
            path, meant = f"access.{kind}.{name}", _near(name, there)
            if kind == "roles" and not policy.access.roles[name].may:
                problem = "its members may do nothing: it says no `may`"
                yield Finding(path, f"{problem}{meant and f'; {meant}'}")
            elif meant:
                yield Finding(path, f"is a role of its own; {meant}")


def _near(name: str, there: Iterable[str]) -> str:
    """Which of these was probably meant; empty where none looks alike."""
    from difflib import get_close_matches

    close = get_close_matches(name.casefold()[:80], sorted(there), 1, 0.75)
    return f"did you mean {close[0]!r}?" if close else ""
