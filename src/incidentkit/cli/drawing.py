"""`diagram`: the life-cycles, drawn from the tables that the rules themselves go by."""

from __future__ import annotations

from incidentkit.cli.running import OK, Commands, Run, add_json, read_file
from incidentkit.policy.load import load_policy
from incidentkit.views.diagram import MACHINES, NO_REGIONS, Regions, mermaid, table


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = "A life-cycle as a Mermaid state diagram, or as a Markdown table."
    parser = commands.add_parser("diagram", help="draw a life-cycle", description=about)
    names = f"one of {', '.join(MACHINES)}, or a region of the policy"
    parser.add_argument("machine", metavar="MACHINE", help=names)
    parser.add_argument("--table", action="store_true", help="a Markdown table instead")
    policy = "a policy in TOML whose regions can be drawn too"
    parser.add_argument("--policy", metavar="FILE", help=policy)
    add_json(parser)
    parser.set_defaults(run=diagram)


def diagram(run: Run) -> int:
    """`diagram MACHINE [--policy FILE]`."""
    machine = str(run.args.machine)
    regions = _regions(run.args.policy) if run.args.policy else NO_REGIONS
    draw = table if run.args.table else mermaid
    form, text = ("table" if run.args.table else "mermaid"), draw(machine, regions)
    if run.json:
        run.print_json({"machine": machine, form: text})
    else:
        run.page.block(text)
    return OK


def _regions(path: str) -> Regions:
    text = read_file(path).decode("utf-8", "replace")
    return load_policy(text).lifecycle.overlays.regions
