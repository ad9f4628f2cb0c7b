"""For the tests of hosts and plugins: a time that stands still until it is moved."""

from __future__ import annotations

from incidentkit.testing.time import ManualTime

__all__ = ["ManualTime"]
