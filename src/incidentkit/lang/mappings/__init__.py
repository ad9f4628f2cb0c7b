"""Foreign documents made into fields of ours, by data instead of code.

each = "alerts"
fields.title = ["$.annotations.summary", "$.labels.alertname"]
fields.severity = { from = "$.labels.severity", values = { major = "error" } }
fields.fired_at = { from = "$.startsAt", as = "instant" }
"""

from __future__ import annotations

from incidentkit.lang.mappings.convert import As, Form, convert
from incidentkit.lang.mappings.document import DocumentMapping
from incidentkit.lang.mappings.fields import FieldRule
from incidentkit.lang.mappings.paths import Path
from incidentkit.lang.mappings.results import Mapped, Outcome, Rejection, Skipped

__all__ = [
    "As",
    "DocumentMapping",
    "FieldRule",
    "Form",
    "Mapped",
    "Outcome",
    "Path",
    "Rejection",
    "Skipped",
    "convert",
]
