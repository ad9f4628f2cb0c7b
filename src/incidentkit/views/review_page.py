"""The parts of a review's page in their order, whatever it is written in.

Markdown and HTML are made from the same parts, so that none says what the other does not.
"""

from __future__ import annotations

import attrs

from incidentkit.timing.instants import show_instant
from incidentkit.views.review_parts import HEADINGS, Review, Rows

FILL_IN = "To be filled in by people; nothing here comes from the journal."


@attrs.frozen
class Part:
    """One part: a heading over a table, over text that people wrote, or over one sentence.

    `said` is the sentence where there is neither a table nor text; `marked`: it stands for
    something that is still to be written.
    """

    title: str
    columns: tuple[str, ...] = ()
    rows: Rows = ()
    text: str = ""
    said: str = ""
    marked: bool = False


def title(review: Review) -> str:
    """What the page is headed."""
    return f"Review of {review.ref}: {review.title}"


def parts(review: Review) -> tuple[Part, ...]:
    """Everything on the page. The public version leaves out what it has nothing of."""
    story = tuple((show_instant(x.at), x.text) for x in review.timeline)
    if review.public:
        found = (
            Part("Facts", ("Fact", "Value"), review.facts),
            *(Part(heading, text=text) for heading, text in review.sections),
            Part("What happened", ("Time", "What"), story),
        )
        return tuple(x for x in found if x.rows or x.text)
    spans = ("From", "To", "Took", "Of which on hold", "Without holds")
    decided = ("Time", "Decision", "Why", "Rule")
    causes = ("Problem", "State", "Cause", "Workaround")
    unknown = "The cause is not known, and no problem is linked."
    return (
        Part("Facts", ("Fact", "Value"), review.facts),
        *_opening(review),
        _part("Impact and durations", spans, review.durations, "No durations are known."),
        _part("What happened", ("Time", "What"), story, "The journal is empty."),
        _part("Who was involved", ("Who", "As"), review.people, "Nobody is on record."),
        _part("Decisions", decided, review.decisions, "No decision is on record."),
        _part("Targets", ("Target", "Due", "Result"), review.targets, "No target ran."),
        _part(
            "Communication", ("Time", "What"), review.communication, "Nothing was sent to anybody."
        ),
        _part("Alerts", ("Time", "What"), review.alerts, "No alert belongs to it."),
        _part("Cause and problem", causes, review.problems, unknown),
        _part("Remedy", ("What", "How"), review.remedy, "It was not resolved."),
        *_places(review),
    )


def _part(title_: str, columns: tuple[str, ...], rows: Rows, empty: str) -> Part:
    return Part(title_, columns, rows, said="" if rows else empty)


_SUMMARY, *_LATER = HEADINGS.values()
_ALWAYS = ("What went well", "What did not go well")


def _opening(review: Review) -> tuple[Part, ...]:
    """The summary, before all that explains it."""
    return tuple(Part(x, text=text) for x, text in review.sections if x == _SUMMARY)


def _places(review: Review) -> tuple[Part, ...]:
    """What people wrote; a marked empty place where they have not."""
    written = dict(review.sections)
    found = [
        Part(x, text=written[x]) if x in written else Part(x, said=FILL_IN, marked=True)
        for x in _LATER
        if x in written or x in _ALWAYS
    ]
    columns = ("Id", "What", "Kind", "Owner", "Due", "State", "Link")
    if review.follow_ups:
        found.append(Part("Follow-ups", columns, review.follow_ups))
    elif review.status:
        found.append(Part("Follow-ups", said="There are none."))
    else:
        found.append(Part("Follow-ups", said=FILL_IN, marked=True))
    return tuple(found)
