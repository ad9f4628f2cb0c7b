"""`policy`: show, check and compare policy documents, and give editors their schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from incidentkit.cli.page import Tone
from incidentkit.cli.running import FOUND, OK, Commands, Run, add_json, add_store, reading
from incidentkit.desk.desk import Desk
from incidentkit.desk.opening import policy_of
from incidentkit.model.incident import Incident
from incidentkit.policy.compare import BackTest, back_test, differences, direction
from incidentkit.policy.document import Policy
from incidentkit.policy.lint import lint
from incidentkit.policy.load import load_policy
from incidentkit.policy.merging import PROFILES
from incidentkit.policy.schema import description, json_schema
from incidentkit.views.text import many, plain

MOST = 20
"""How many incidents of a back-test are told one by one."""
PAGE = 500
"""How many incidents a back-test reads at once."""
ADOPTED = "adopted"
_FILE = (
    f"a TOML or JSON file, the name of a profile ({', '.join(PROFILES)}), or {ADOPTED!r}: the one "
    "in force in the store"
)


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = (
        "Policy documents. `show` prints one complete, with all that it takes from its profile. "
        "`lint` lists what is wrong in it (exit code 2) or unwise (exit code 1, nothing: 0). "
        "`diff` tells what another says otherwise (1 when anything does). `schema` prints the "
        "JSON Schema for editors."
    )
    parser = commands.add_parser("policy", help="show, check, compare", description=about)
    below = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, run, told in (
        ("show", show, "a document, complete"),
        ("lint", check, "what is wrong or unwise in a document"),
    ):
        each = below.add_parser(name, help=told, description=f"Print {told}.")
        each.add_argument("file", metavar="FILE", nargs="?", default="default", help=_FILE)
        add_store(each)
        each.set_defaults(run=run)
    _add_diff(below)
    each = below.add_parser(
        "schema", help="the JSON Schema", description="Print the JSON Schema of policy documents."
    )
    add_json(each)
    each.set_defaults(run=schema)


def _add_diff(below: Commands) -> None:
    about = (
        "Tell what the second document says otherwise than the first. With --back-test also how "
        "many incidents of a store would have another priority, as they are rated now."
    )
    each = below.add_parser("diff", help="what differs between two", description=about)
    each.add_argument("before", metavar="BEFORE", help=_FILE)
    each.add_argument("after", metavar="AFTER", help=_FILE)
    each.add_argument(
        "--back-test", action="store_true", help="draw the priorities of the store's incidents"
    )
    add_store(each)
    each.set_defaults(run=diff)


def named(run: Run, given: str) -> Policy:
    """The policy of a file, of a profile, or the one in force in a store."""
    if Path(given).exists():
        return policy_of(Path(given))
    if given in PROFILES:
        return load_policy({"profile": given})
    if given == ADOPTED:
        with reading(run) as desk:
            return desk.policy()
    return policy_of(Path(given))


def show(run: Run) -> int:
    """`policy show FILE`."""
    policy = named(run, run.args.file)
    document = json.loads(policy.source)
    if run.json:
        run.print_json({"hash": policy.hash, "document": document})
        return OK
    run.page.say(f"{policy.name!r}, version {policy.hash}", Tone.STRONG)
    run.page.block(json.dumps(document, indent=2, ensure_ascii=False))
    return OK


def check(run: Run) -> int:
    """`policy lint FILE`."""
    policy = named(run, run.args.file)
    found = lint(policy)
    if run.json:
        listed = [{"path": each.path, "problem": each.problem} for each in found]
        run.print_json({"hash": policy.hash, "findings": listed})
        return FOUND if found else OK
    for each in found:
        run.page.say(f"{plain(each.path)}: {plain(each.problem, 1_000)}", Tone.WARN)
    said = f"{policy.name!r}, version {policy.hash}: "
    said += f"{many(len(found), 'finding')}" if found else "nothing unwise"
    run.page.say(said, Tone.STRONG)
    return FOUND if found else OK


def diff(run: Run) -> int:
    """`policy diff BEFORE AFTER`."""
    before, after = named(run, run.args.before), named(run, run.args.after)
    found = differences(before, after)
    tested = None
    if run.args.back_test:
        with reading(run) as desk:
            tested = back_test(_incidents(desk), before, after)
    code = FOUND if found or (tested is not None and tested.redrawn) else OK
    if run.json:
        listed = [{"path": x.path, "before": x.before, "after": x.after} for x in found]
        run.print_json({"differences": listed, "back_test": tested})
        return code
    for each in found:
        meaning = description(tuple(each.path.split(".")))
        run.page.say(plain(f"{each} ({meaning})" if meaning else str(each), 1_000))
    said = many(len(found), "difference") if found else "no difference"
    run.page.say(said, Tone.STRONG)
    if tested is not None:
        _tell(run, tested)
    return code


def _tell(run: Run, tested: BackTest) -> None:
    """How many incidents would be drawn otherwise, and the first of them."""
    ways = [direction(each) for each in tested.redrawn]
    run.page.say(
        f"of {many(tested.seen, 'incident')}, {ways.count('higher')} would be higher and "
        f"{ways.count('lower')} lower; {ways.count('none')} have levels that one of the policies "
        f"does not know; {tested.by_hand} are set by hand",
        Tone.STRONG,
    )
    for each in tested.redrawn[:MOST]:
        now = each.now or f"none ({plain(each.why)})"
        run.page.say(f"{plain(each.ref)}: {each.was or 'none'} -> {now}", indent=2)
    if len(tested.redrawn) > MOST:
        run.page.say(f"and {len(tested.redrawn) - MOST} more", Tone.QUIET, indent=2)


def _incidents(desk: Desk) -> Iterator[Incident]:
    """Every incident of the store, page by page."""
    after = None
    while True:
        page = desk.find(limit=PAGE, after=after)
        yield from page.items
        if page.next is None:
            return
        after = page.next


def schema(run: Run) -> int:
    """`policy schema`."""
    run.page.block(json.dumps(json_schema(), indent=2, ensure_ascii=False))
    return OK
