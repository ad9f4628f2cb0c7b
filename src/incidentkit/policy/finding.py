"""One unwise thing in a policy: where it stands, and what it leads to."""

from __future__ import annotations

import attrs


@attrs.frozen
class Finding:
    """One unwise thing: its path and what it leads to."""

    path: str
    problem: str
