"""`demo`: one night incident from the first alert to the review, on a store of its own.

It makes the calls a host would make, and shows what the store then says. Its store is real and
stays: the commands it names at the end work on it.
"""

from __future__ import annotations

import shlex
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from incidentkit.cli import demo_alarm, demo_repair
from incidentkit.cli.demo_story import (
    DIRECTORY,
    OURS,
    POLICY,
    THEIRS,
    Outbox,
    Step,
    Story,
    StoryTime,
    checked,
    own_payload,
    start_of,
)
from incidentkit.cli.page import Tone
from incidentkit.cli.running import FOUND, OK, Commands, Run, add_json, read_file, sqlite_url
from incidentkit.desk.desk import Desk
from incidentkit.errors import InvalidValue
from incidentkit.flows.paged import PRINTS, PRINTS_KEY
from incidentkit.ids import MAIN_TENANT
from incidentkit.model.words import MessageKind
from incidentkit.ports.backup import RESTORED_SPACE
from incidentkit.ports.rows import Batch, KeyChange

STORE = "incidents.db"
WIDTH = 80


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = (
        "Send an Alertmanager payload through all five steps: capture, categorise and prioritise, "
        "analyse, fix, document. Its files go to a new temporary directory unless you say where."
    )
    parser = commands.add_parser("demo", help="see all of it in one night", description=about)
    parser.add_argument("--payload", metavar="FILE", help="your own Alertmanager payload")
    parser.add_argument("--dir", metavar="DIR", help="put the files there")
    parser.add_argument(
        "--keep", action="store_true", help="put the files into ./incidentkit-demo-1 (2, 3 ...)"
    )
    add_json(parser)
    parser.set_defaults(run=demo)


def demo(run: Run) -> int:
    """`demo`."""
    given: str | None = run.args.payload
    payload = own_payload() if given is None else checked(given, read_file(given))
    now = datetime.now(UTC) if run.time is None else run.time.now()
    time = StoryTime(start_of(payload, ours=given is None, now=now))
    folder = folder_for(run.args.dir, keep=run.args.keep)
    (folder / "payload.json").write_bytes(payload)
    url = sqlite_url(folder / STORE)
    pager = Outbox("pager", MessageKind.PAGE, folder / "outbox.txt")
    mail = Outbox("mail", MessageKind.NOTICE, folder / "outbox.txt")
    script = OURS if given is None else THEIRS
    if not run.json:
        _introduce(run, folder, given, time.start)
    with Desk.open(
        url,
        channels={"pager": pager, "mail": mail},
        directory=DIRECTORY,
        policy=POLICY,
        time=time,
        entry_points=False,
    ) as desk:
        story = Story(desk, time, pager, script, payload, folder)
        steps = _steps(run, story)
        _for_looking_at(desk)
    done = len(steps) == len(_STEPS)
    ideas = following(url, story) if done else []
    if run.json:
        about = {
            "directory": str(folder),
            "store": url,
            "payload": given or "built in",
            "simulated_time": {"from": time.start.isoformat(), "to": time.now().isoformat()},
        }
        data: dict[str, Any] = {"demo": about, **{step.key: step.data for step in steps}}
        run.print_json({**data, "next": ideas})
    elif done:
        _conclude(run, folder, ideas)
    else:
        _nothing(run, url)
    return OK if done else FOUND


def _for_looking_at(desk: Desk) -> None:
    """This store's pager is a file of the demo: whoever tries on has its pages printed."""
    key = KeyChange(RESTORED_SPACE, PRINTS_KEY, None, PRINTS)
    store: Any = desk.ports.store
    store.commit(Batch(MAIN_TENANT, desk.ports.micros(), keys=(key,)))


_STEPS = (
    demo_alarm.capture,
    demo_alarm.prioritise,
    demo_repair.analyse,
    demo_repair.fix,
    demo_repair.document,
)


def _steps(run: Run, story: Story) -> list[Step]:
    """Take the steps, each printed as soon as it is taken; without an incident only the first."""
    steps: list[Step] = []
    for number, take in enumerate(_STEPS, 1):
        step = take(story)
        steps.append(step)
        if not run.json:
            _print(run, number, step)
        if not story.ref:
            break
    return steps


def folder_for(given: str | None, *, keep: bool) -> Path:
    """A directory without a store of an earlier demo.

    Raises InvalidValue where there is one, or no directory can be made.
    """
    try:
        if given is not None:
            folder = Path(given)
            folder.mkdir(parents=True, exist_ok=True)
        elif keep:
            number = 1
            while Path(f"incidentkit-demo-{number}").exists():
                number += 1
            folder = Path(f"incidentkit-demo-{number}")
            folder.mkdir()
        else:
            folder = Path(tempfile.mkdtemp(prefix="incidentkit-demo-"))
    except OSError as error:
        raise InvalidValue("dir", f"{given or '.'}: {error.strerror or error}") from None
    if (folder / STORE).exists():
        raise InvalidValue("dir", f"{folder} holds an {STORE} already; name another directory")
    return folder


def _introduce(run: Run, folder: Path, payload: str | None, start: datetime) -> None:
    page = run.page
    page.width = min(page.width or WIDTH, WIDTH)
    page.title("incidentkit demo: one incident, from the first alert to the review")
    page.say(
        "Real calls on a real SQLite store; whatever stands under a call was read back from the "
        f"store. Only the time is simulated: 44 minutes from {start:%Y-%m-%d %H:%M} UTC pass at "
        "once."
    )
    page.say(payload or "built in: a shop's checkout fails at night", label="payload", pad=9)
    page.say(f"{folder}", label="files", pad=9)


def _print(run: Run, number: int, step: Step) -> None:
    run.page.heading(f"{number}. {step.title}")
    for told in step.told:
        if told.at is not None:
            run.page.say(told.text, told.tone, label=f"{told.at:%H:%M:%S}", pad=10)
        else:
            run.page.say(told.text, told.tone, label=told.label, indent=4, pad=11)


def _conclude(run: Run, folder: Path, ideas: list[str]) -> None:
    run.page.heading("What to try next")
    here = "" if folder.is_absolute() else ", from this directory"
    run.page.say(f"These lines work as they stand{here}; the files stay until you delete them.")
    for idea in ideas:
        run.page.block(idea, indent=2)


def _nothing(run: Run, url: str) -> None:
    run.page.blank()
    run.page.say(
        "Nothing in this payload opens an incident, so the demo ends here: what clears, or is "
        "only a warning or for information, is recorded and wakes nobody. The payload is kept. "
        "Alerts of severity critical, error or an unknown word open one; a policy can say "
        "otherwise.",
        Tone.WARN,
    )
    run.page.block(f"{program()} doctor --store {shlex.quote(url)}", indent=2)


def following(url: str, story: Story) -> list[str]:
    """Commands that work on the store of this demo."""
    store = f"--store {shlex.quote(url)}"
    alert = shlex.quote('{"title": "Disk full on db-1", "severity": "critical"}')
    command = program()
    return [
        f"{command} timeline {story.ref} {store}",
        f"{command} explain {story.ref} paging {store}",
        f"{command} review {story.ref} {store}",
        f"{command} show {story.problem} {store}",
        f"echo {alert} | {command} capture - --source generic {store}",
        f"{command} find --active {store}",
        f"{command} verify {store}",
        f"{command} diagram incident",
    ]


def program() -> str:
    """How this command line was started, so that its lines can be pasted."""
    started = Path(sys.argv[0])
    if started.name == "incidentkit":
        return "incidentkit"
    python = Path(sys.executable)
    here = Path.cwd()
    near = python.relative_to(here) if python.is_relative_to(here) else python
    return f"{shlex.quote(str(near))} -m incidentkit"
