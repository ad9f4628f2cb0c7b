"""A review as a page of Markdown; the places that people fill in are headed and marked as such."""

from __future__ import annotations

from incidentkit.views.markdown import escape, table
from incidentkit.views.review_page import Part, parts, title
from incidentkit.views.review_parts import Review


def to_markdown(review: Review) -> str:
    """The page, all texts escaped; where there is nothing to tell, a sentence says so."""
    head = f"# {escape(title(review))}"
    status = (f"{escape(review.status)}.",) if review.status else ()
    return "\n\n".join((head, *status, *map(_written, parts(review)))) + "\n"


def _written(part: Part) -> str:
    return f"## {escape(part.title)}\n\n{_body(part)}"


def _body(part: Part) -> str:
    if part.text:
        lines = (escape(line, 65_536) for line in part.text.splitlines())
        return "\n\n".join(line for line in lines if line) or "-"
    if part.rows:
        return table(part.columns, part.rows)
    return f"_{part.said}_" if part.marked else part.said
