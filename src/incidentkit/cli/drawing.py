"""`diagram`: the life-cycles, drawn from the tables that the rules themselves go by."""

from __future__ import annotations

from incidentkit.cli.running import OK, Commands, Run, add_json
from incidentkit.views.diagram import MACHINES, mermaid, table


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = "A life-cycle as a Mermaid state diagram, or as a Markdown table."
    parser = commands.add_parser("diagram", help="draw a life-cycle", description=about)
    parser.add_argument("machine", choices=MACHINES, help="which life-cycle")
    parser.add_argument("--table", action="store_true", help="a Markdown table instead")
    add_json(parser)
    parser.set_defaults(run=diagram)


def diagram(run: Run) -> int:
    """`diagram incident|problem|response|maintenance|silence|review|follow_up`."""
    machine = str(run.args.machine)
    form, text = ("table", table(machine)) if run.args.table else ("mermaid", mermaid(machine))
    if run.json:
        run.print_json({"machine": machine, form: text})
    else:
        run.page.block(text)
    return OK
