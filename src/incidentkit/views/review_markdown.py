"""A review as a page of Markdown; the places that people fill in are headed and marked as such."""

from __future__ import annotations

from incidentkit.timing.instants import show_instant
from incidentkit.views.folding import folded
from incidentkit.views.markdown import escape, table
from incidentkit.views.review_parts import ReviewPage, Rows

FILL_IN = "_To be filled in by people; nothing here comes from the journal._"


def to_markdown(review: ReviewPage) -> str:
    """The page, all texts escaped; where there is nothing to tell, a sentence says so.

    A public version has only what it has.
    """
    if review.public:
        return _public(review)
    unknown = "The cause is not known, and no problem is linked."
    story = tuple((show_instant(x.at), x.text) for x in folded(review.timeline))
    parts = (
        f"# Review of {escape(review.ref)}: {escape(review.title)}",
        *((table(review.record[0], review.record[1:]),) if review.record else ()),
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
        *(_prose(heading, text) for heading, text in review.sections),
        _section(
            "Follow-ups",
            ("", "What", "Owner", "Kind", "Due", "State"),
            review.follow_ups,
            FILL_IN,
        ),
    )
    return "\n\n".join(parts) + "\n"


def _section(title: str, columns: tuple[str, ...], rows: Rows, empty: str) -> str:
    return f"## {title}\n\n{table(columns, rows) if rows else empty}"


def _prose(heading: str, text: str) -> str:
    title = escape(heading[:1].upper() + heading[1:])
    paragraphs = "\n\n".join(escape(each) for each in text.split("\n") if each.strip())
    return f"## {title}\n\n{paragraphs or FILL_IN}"


def _public(review: ReviewPage) -> str:
    story = tuple((show_instant(x.at), x.text) for x in folded(review.timeline))
    parts = (
        f"# {escape(review.ref)}: {escape(review.title)}",
        _section("Facts", ("Fact", "Value"), review.facts, ""),
        *(_prose(heading, text) for heading, text in review.sections),
        _section("Timeline", ("Time", "What"), story, "Nothing is told."),
    )
    return "\n\n".join(parts) + "\n"
