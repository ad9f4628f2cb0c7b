"""`doctor` and `verify`: is everything fit for service, and has nobody touched the journal?"""

from __future__ import annotations

import platform

from incidentkit.cli.page import Tone
from incidentkit.cli.running import FOUND, OK, Commands, Run, add_store, reading, version
from incidentkit.ports.store import Finding
from incidentkit.views.text import many, plain

ADVICE = frozenset(("policy", "authoriser", "channels"))
"""Subjects on which a finding is advice: what a host passes to `Desk.open` is not known here."""


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = (
        "Look at the store, the policy and the plugins, and change nothing. Exit code 1 when "
        "something is wrong; with --strict also when there is advice."
    )
    parser = commands.add_parser("doctor", help="is it fit for service?", description=about)
    parser.add_argument("--strict", action="store_true", help="exit with 1 on advice as well")
    add_store(parser)
    parser.set_defaults(run=doctor)
    about = (
        "Check every journal against itself and against the seals. Exit code 1 when an entry was "
        "changed, taken away or put in."
    )
    parser = commands.add_parser("verify", help="was the journal changed?", description=about)
    add_store(parser)
    parser.set_defaults(run=verify)


def level(finding: Finding) -> str:
    """`ok`, `advice` or `wrong`."""
    if finding.ok:
        return "ok"
    return "advice" if finding.subject in ADVICE else "wrong"


_TONES = {"ok": Tone.GOOD, "advice": Tone.WARN, "wrong": Tone.BAD}


def doctor(run: Run) -> int:
    """`doctor`."""
    with reading(run) as desk:
        found = desk.diagnose()
    levels = [level(each) for each in found]
    wrong, advice = levels.count("wrong"), levels.count("advice")
    code = FOUND if wrong or (run.args.strict and advice) else OK
    system = f"incidentkit {version()}, Python {platform.python_version()}, {platform.system()}"
    if run.json:
        listed = [
            {"level": how, "subject": each.subject, "message": each.message}
            for how, each in zip(levels, found, strict=True)
        ]
        run.print_json({"system": system, "wrong": wrong, "advice": advice, "findings": listed})
        return code
    run.page.say(system, Tone.QUIET)
    for how, each in zip(levels, found, strict=True):
        text = f"{plain(each.subject)}: {plain(each.message, 1_000)}"
        run.page.say(text, _TONES[how], label=how, pad=8)
    run.page.say(verdict(wrong, advice), Tone.BAD if wrong else Tone.STRONG)
    if advice:
        note = "Advice on channels and authorisers is about this command, not your application."
        run.page.say(note, Tone.QUIET)
    return code


def verdict(wrong: int, advice: int) -> str:
    """The diagnosis in one line."""
    said = "nothing is wrong" if not wrong else f"{many(wrong, 'thing')} to mend"
    return f"{said}; {many(advice, 'piece')} of advice" if advice else said


def verify(run: Run) -> int:
    """`verify`."""
    with reading(run) as desk:
        seen = desk.verify()
    code = FOUND if seen.problems else OK
    if run.json:
        run.print_json(seen)
        return code
    checked = (
        f"{seen.entries} entries in {many(seen.streams, 'journal')}, {many(seen.seals, 'seal')}"
    )
    if not seen.problems:
        run.page.say(f"intact: {checked}", Tone.GOOD)
    else:
        run.page.say(f"NOT INTACT: {many(len(seen.problems), 'problem')} in {checked}", Tone.BAD)
    for problem in seen.problems:
        run.page.say(plain(problem), Tone.BAD, indent=2)
    if not seen.seals:
        run.page.say("nothing was sealed yet: a tail cut off would not be seen", Tone.WARN)
    elif not seen.anchored:
        note = "no seal is anchored outside: a store rewritten as a whole would not be seen"
        run.page.say(note, Tone.QUIET)
    return code
