"""Mappings of histories: how the rows of a ticketing system's audit log are to be read.

The language is data, as the mappings of payloads are; where a payload is a document, a history is
a table of snapshots, one row a change, and only what differs from the row before is news.
"""

from __future__ import annotations

from incidentkit.lang.histories.folding import Folding
from incidentkit.lang.histories.mapping import Bound, HistoryMapping, Scales

__all__ = ["Bound", "Folding", "HistoryMapping", "Scales"]
