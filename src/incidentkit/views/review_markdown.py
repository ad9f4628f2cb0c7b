"""A review as a page of Markdown; the places that people fill in are headed and marked as such."""

from __future__ import annotations

from incidentkit.timing.instants import show_instant
from incidentkit.views.markdown import escape, table
from incidentkit.views.review_parts import Review, Rows

FILL_IN = "_To be filled in by people; nothing here comes from the journal._"
_PLACES = ("What went well", "What did not go well", "Follow-ups")


def to_markdown(review: Review) -> str:
    """The page, all texts escaped; where there is nothing to tell, a sentence says so."""
    unknown = "The cause is not known, and no problem is linked."
    story = tuple((show_instant(x.at), x.text) for x in review.timeline)
    parts = (
        f"# Review of {escape(review.ref)}: {escape(review.title)}",
        _section("Facts", ("Fact", "Value"), review.facts, ""),
        _section(
            "Impact and durations",
            ("From", "To", "Took", "Of which on hold", "Without holds"),
            review.durations,
            "No durations are known.",
        ),
        _section("What happened", ("Time", "What"), story, "The journal is empty."),
        _section("Who was involved", ("Who", "As"), review.people, "Nobody is on record."),
        _section(
            "Decisions",
            ("Time", "Decision", "Why", "Rule"),
            review.decisions,
            "No decision is on record.",
        ),
        _section("Targets", ("Target", "Due", "Result"), review.targets, "No target ran."),
        _section(
            "Communication", ("Time", "What"), review.communication, "Nothing was sent to anybody."
        ),
        _section("Alerts", ("Time", "What"), review.alerts, "No alert belongs to it."),
        _section(
            "Cause and problem",
            ("Problem", "State", "Cause", "Workaround"),
            review.problems,
            unknown,
        ),
        _section("Remedy", ("What", "How"), review.remedy, "It was not resolved."),
        *(f"## {place}\n\n{FILL_IN}" for place in _PLACES),
    )
    return "\n\n".join(parts) + "\n"


def _section(title: str, columns: tuple[str, ...], rows: Rows, empty: str) -> str:
    return f"## {title}\n\n{table(columns, rows) if rows else empty}"
