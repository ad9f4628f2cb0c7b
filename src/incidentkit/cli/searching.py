"""`search` and `suggest`: records by their words, and what may help with one of them."""

from __future__ import annotations

from typing import Any

from incidentkit.cli.page import Tone
from incidentkit.cli.running import FOUND, OK, Commands, Run, add_store, reading
from incidentkit.views.suggestions import REPEATS, TITLES, because, behind, line, repeat
from incidentkit.views.text import plain, words


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = (
        "Find incidents and problems in which all the words stand. Words in quotation marks stand "
        "side by side; vpn* is whatever begins so. Exit code 1 when nothing was found."
    )
    parser = commands.add_parser("search", help="find records by their words", description=about)
    parser.add_argument("words", nargs="+", metavar="WORD", help="what to look for")
    parser.add_argument("--kind", action="append", help="incident or problem")
    parser.add_argument("--active", action="store_true", help="only incidents that are not over")
    parser.add_argument("--limit", type=int, default=20, help="at most so many (default: 20)")
    add_store(parser)
    parser.set_defaults(run=search)
    about = "Known errors, similar incidents, changes shortly before, and what may have come back."
    parser = commands.add_parser("suggest", help="what may help", description=about)
    parser.add_argument("ref", metavar="REF", help="reference or id of an incident")
    parser.add_argument("--limit", type=int, default=5, help="of each sort (default: 5)")
    add_store(parser)
    parser.set_defaults(run=suggest)


def search(run: Run) -> int:
    """`search WORD ...`."""
    args = run.args
    filters: dict[str, Any] = {"active": True} if args.active else {}
    with reading(run) as desk:
        found = desk.search(" ".join(args.words), kinds=args.kind, limit=args.limit, **filters)
    code = OK if found.items else FOUND
    if run.json:
        hits = [
            {
                "kind": x.kind,
                "ref": x.ref,
                "score": x.score,
                "excerpt": x.excerpt,
                "record": x.record,
            }
            for x in found.items
        ]
        run.print_json({"hits": hits, "more": found.next is not None, "note": found.note})
        return code
    rows = [
        (plain(x.ref), words(x.record.status), plain(x.title, 100), plain(x.excerpt, 120))
        for x in found.items
    ]
    if rows:
        run.page.table(("ref", "state", "title", "found"), rows)
    else:
        run.page.say("nothing was found", Tone.QUIET)
    if found.next is not None:
        run.page.say(f"there are more than {args.limit}; say more, or raise --limit", Tone.QUIET)
    if found.note:
        run.page.say(found.note, Tone.WARN)
    return code


def suggest(run: Run) -> int:
    """`suggest REF`."""
    with reading(run) as desk:
        found = desk.suggest(run.args.ref, limit=run.args.limit)
    if run.json:
        run.print_json(found)
        return OK
    for name, title in TITLES:
        sort = getattr(found, name)
        if sort:
            run.page.say(title, Tone.STRONG)
        for each in sort:
            run.page.say(line(each), indent=2)
            run.page.say(because(each.reason), Tone.QUIET, label="because", indent=4)
            if each.advice:
                run.page.say(plain(each.advice), Tone.CALL, indent=4)
    if found.repeats:
        run.page.say(REPEATS, Tone.STRONG)
    for group in found.repeats:
        run.page.say(repeat(group), indent=2)
        run.page.say(because(group.group.reason), Tone.QUIET, label="because", indent=4)
        for told in behind(group):
            run.page.say(told, Tone.CALL, indent=4)
    if not (found.all or found.repeats):
        run.page.say(f"nothing is known that resembles {plain(found.of)}", Tone.QUIET)
    if found.note:
        run.page.say(found.note, Tone.WARN)
    return OK
