"""A review as one page of HTML that needs nothing else: no script, no font, no address to fetch.

Every text is escaped where it is put in; the page forbids scripts and foreign content even so.
"""

from __future__ import annotations

from html import escape

from incidentkit.views.review_page import Part, parts, title
from incidentkit.views.review_parts import Review
from incidentkit.views.text import plain

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #777; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; }
h2 { font-size: 1.15rem; margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--quiet); font-weight: 600; }
th:first-child, td:first-child { white-space: nowrap; padding-right: 1.2rem; width: 1%; }
p { white-space: pre-line; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } }
@media (max-width: 40rem) { td:first-child { white-space: normal; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def to_html(review: Review) -> str:
    """The page, self-contained, all texts escaped; it can be mailed, filed or printed."""
    heading = _text(title(review))
    status = f'<p class="quiet">{_text(review.status)}</p>\n' if review.status else ""
    body = "\n".join(map(_section, parts(review)))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{heading}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{heading}</h1>\n{status}{body}\n</main>\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    return escape(plain(text, 65_536))


def _section(part: Part) -> str:
    return f"<section>\n<h2>{_text(part.title)}</h2>\n{_body(part)}\n</section>"


def _cell(text: str) -> str:
    return f"<td>{_text(text) or '-'}</td>"


def _body(part: Part) -> str:
    if part.text:
        lines = (line for line in part.text.splitlines() if line.strip())
        return "\n".join(f"<p>{_text(line)}</p>" for line in lines) or "<p>-</p>"
    if not part.rows:
        return f'<p class="quiet">{_text(part.said)}</p>'
    head = "".join(f'<th scope="col">{_text(x)}</th>' for x in part.columns)
    rows = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in part.rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
