"""A review as one HTML page that stands alone: no script, no outside file, every text escaped."""

from __future__ import annotations

from html import escape

from incidentkit.timing.instants import show_instant
from incidentkit.views.folding import folded
from incidentkit.views.review_parts import ReviewPage, Rows

_STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent);
  --quiet: color-mix(in srgb, currentColor 62%, transparent); }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 60rem; margin: 2.5rem auto;
  padding: 0 1.25rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; padding-bottom: .25rem;
  border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0;
  border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--quiet); white-space: nowrap; }
td:first-child { white-space: nowrap; font-variant-numeric: tabular-nums; }
td { overflow-wrap: anywhere; }
p { white-space: pre-wrap; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
@media (max-width: 40rem) { td:first-child { white-space: normal; } }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; }
  tr { break-inside: avoid; } }
"""


def to_html(page: ReviewPage) -> str:
    """The page as HTML."""
    story = tuple((show_instant(x.at), x.text) for x in folded(page.timeline))
    parts = [
        _table("", ("", ""), page.record),
        _table("Facts", ("Fact", "Value"), page.facts),
        *(_prose(heading, text, page.public) for heading, text in page.sections),
        _table(
            "Impact and durations",
            ("From", "To", "Took", "Of which on hold", "Without holds"),
            page.durations,
        ),
        _table("Timeline" if page.public else "What happened", ("Time", "What"), story),
        _table("Who was involved", ("Who", "As"), page.people),
        _table("Decisions", ("Time", "Decision", "Why", "Rule"), page.decisions),
        _table("Targets", ("Target", "Due", "Result"), page.targets),
        _table("Communication", ("Time", "What"), page.communication),
        _table("Alerts", ("Time", "What"), page.alerts),
        _table("Cause and problem", ("Problem", "State", "Cause", "Workaround"), page.problems),
        _table("Remedy", ("What", "How"), page.remedy),
        _table(
            "Follow-ups",
            ("", "What", "Owner", "Kind", "Due", "State"),
            page.follow_ups,
        ),
    ]
    title = f"{page.ref}: {page.title}" if page.public else f"Review of {page.ref}: {page.title}"
    body = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n{body}\n</body>\n</html>\n"
    )


def _table(title: str, columns: tuple[str, ...], rows: Rows) -> str:
    """A titled table; nothing where there are no rows."""
    if not rows:
        return ""
    head = f"<h2>{escape(title)}</h2>\n" if title else ""
    named = any(columns) and columns[0] not in ("Fact", "What")
    names = "".join(f"<th>{escape(each)}</th>" for each in columns)
    first = f"<thead><tr>{names}</tr></thead>\n" if named else ""
    body = "\n".join(_row(row) for row in rows)
    return f"{head}<table>\n{first}<tbody>\n{body}\n</tbody>\n</table>"


def _row(row: tuple[str, ...]) -> str:
    cells = "".join(f"<td>{escape(cell) or '&ndash;'}</td>" for cell in row)
    return f"<tr>{cells}</tr>"


def _prose(heading: str, text: str, public: bool) -> str:
    """What people wrote; an empty place is shown to those who can fill it."""
    title = escape(heading[:1].upper() + heading[1:])
    if text:
        return f"<h2>{title}</h2>\n<p>{escape(text)}</p>"
    return "" if public else f'<h2>{title}</h2>\n<p class="quiet">Nobody has written this yet.</p>'
