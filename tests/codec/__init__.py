"""The codec: round trips, golden files, damage, and the chain under attack."""

from __future__ import annotations
