"""One record in words: show, timeline, explain, review. All read, none writes to the store."""

from __future__ import annotations

from pathlib import Path

from incidentkit.cli.page import Tone
from incidentkit.cli.running import OK, Commands, Run, add_store, reading, write_file
from incidentkit.model.incident import Incident
from incidentkit.model.problem import Problem
from incidentkit.model.report import Report
from incidentkit.model.review import Review
from incidentkit.timing.instants import show_instant
from incidentkit.views.explain import TOPICS
from incidentkit.views.explain_problem import PROBLEM_TOPICS
from incidentkit.views.explain_relations import report_card
from incidentkit.views.explain_review import review_card
from incidentkit.views.folding import folded
from incidentkit.views.problem_card import card as problem_card
from incidentkit.views.record_cards import record_card
from incidentkit.views.review import to_html, to_json, to_markdown
from incidentkit.views.summary import card

_FORMATS = {"md": to_markdown, "html": to_html, "json": to_json}


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = "A record at a glance: an incident, a problem, planned work, a silence, a review."
    parser = commands.add_parser("show", help="a record at a glance", description=about)
    parser.add_argument("ref", metavar="REF", help="reference or id, e.g. INC-1 or MNT-1")
    add_store(parser)
    parser.set_defaults(run=show)
    about = (
        "Everything that happened to a record, one line each. Rows of an imported history that "
        "follow one another and say nothing new are one line; --json has every one."
    )
    parser = commands.add_parser("timeline", help="everything that happened", description=about)
    parser.add_argument("ref", metavar="REF", help="reference or id, e.g. INC-1 or MNT-1")
    add_store(parser)
    parser.set_defaults(run=timeline)
    about = (
        f"Why it is as it is. Topics: {', '.join(TOPICS)}, or the name of a target; "
        f"of a problem: {', '.join(PROBLEM_TOPICS)}."
    )
    parser = commands.add_parser("explain", help="why it is as it is", description=about)
    parser.add_argument("ref", metavar="REF", help="reference or id, e.g. INC-1")
    parser.add_argument("topic", metavar="TOPIC", nargs="?", default="priority")
    add_store(parser)
    parser.set_defaults(run=explain)
    about = "The post-incident review: filled from the journal, with what people wrote."
    parser = commands.add_parser("review", help="the post-incident review", description=about)
    parser.add_argument("ref", metavar="REF", help="reference or id of an incident")
    parser.add_argument("-o", "--output", metavar="FILE", help="write it to this file")
    parser.add_argument("--format", choices=tuple(_FORMATS), default="md", help="md, html or json")
    parser.add_argument("--public", action="store_true", help="only what the policy lets out")
    add_store(parser)
    parser.set_defaults(run=review)


def show(run: Run) -> int:
    """`show REF`."""
    with reading(run) as desk:
        record = desk.get(run.args.ref)
    if run.json:
        run.print_json(record)
        return OK
    if isinstance(record, Incident):
        first, *rest = card(record).split("\n")
    elif isinstance(record, Review):
        first, *rest = review_card(record)
    elif isinstance(record, Problem):
        first, *rest = problem_card(record).split("\n")
    elif isinstance(record, Report):
        first, *rest = report_card(record)
    else:
        first, *rest = record_card(record)
    run.page.say(first, Tone.STRONG)
    for line in rest:
        run.page.say(line, indent=2)
    return OK


def timeline(run: Run) -> int:
    """`timeline REF`."""
    with reading(run) as desk:
        lines = desk.timeline(run.args.ref)
    if run.json:
        run.print_json(lines)
        return OK
    for line in folded(lines):
        at = show_instant(line.at)
        run.page.say(line.text, label=at, pad=len(at) + 2)
    return OK


def explain(run: Run) -> int:
    """`explain REF [TOPIC]`."""
    with reading(run) as desk:
        explanation = desk.explain(run.args.ref, run.args.topic)
    if run.json:
        run.print_json(explanation)
        return OK
    run.page.say(explanation.answer, Tone.STRONG)
    for line in explanation.lines:
        run.page.say(line.strip(), indent=2 + len(line) - len(line.lstrip()))
    return OK


def review(run: Run) -> int:
    """`review REF [--format FORMAT] [--public] [-o FILE]`."""
    with reading(run) as desk:
        found = desk.review(run.args.ref, public=run.args.public)
    text = _FORMATS[run.args.format](found)
    if run.args.output:
        write_file(Path(run.args.output), text)
    if run.json:
        run.print_json(found)
    elif run.args.output:
        run.page.say(f"the review of {found.ref} was written to {run.args.output}")
    else:
        run.page.block(text)
    return OK
