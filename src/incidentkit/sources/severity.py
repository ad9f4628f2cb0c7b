"""Severities as the world spells them, on one scale.

Every tool has its own words. Only the scale is normalised here; the text as sent is kept beside it,
so that a policy may still tell `major` from `error`.
"""

from __future__ import annotations

from incidentkit.model.words import AlertSeverity

WORDS: dict[AlertSeverity, tuple[str, ...]] = {
    AlertSeverity.CRITICAL: (
        *("critical", "crit", "fatal", "emergency", "emerg", "page", "disaster"),
        *("p1", "sev1", "sev-1"),
    ),
    AlertSeverity.ERROR: ("error", "err", "high", "major", "severe", "p2", "sev2", "sev-2"),
    AlertSeverity.WARNING: (
        *("warning", "warn", "minor", "medium", "moderate"),
        *("p3", "sev3", "sev-3"),
    ),
    AlertSeverity.INFO: (
        *("info", "information", "informational", "notice", "low", "ok", "none", "debug"),
        *("p4", "p5", "sev4", "sev5", "sev-4", "sev-5"),
    ),
}
"""The words of each level, in lower case. Any other word is `unknown`, which counts as error."""

_LEVELS = {word: level for level, words in WORDS.items() for word in words}


def severity_of(text: str) -> AlertSeverity:
    """The level that the word stands for, whatever its case.

    >>> print(severity_of("Major"), severity_of("P1"), severity_of("purple"))
    error critical unknown
    """
    return _LEVELS.get(text) or _LEVELS.get(text.strip().lower(), AlertSeverity.UNKNOWN)
