"""What an incident reaches: aspects, impacts, places, organisations, labels, references.

All of it is optional and cold: an incident of every day has none of it.
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Scope:
    """What it reaches, as far as somebody said."""


NO_SCOPE = Scope()
