"""`capture`: take in a payload of your own, page, and say what became of every alert and why."""

from __future__ import annotations

from typing import Any

import attrs

from incidentkit.cli.console import Console, Watcher, Work, work
from incidentkit.cli.page import Tone, complain
from incidentkit.cli.running import (
    FOUND,
    OK,
    Commands,
    Run,
    add_store,
    read_file,
    writing,
)
from incidentkit.desk.desk import Desk
from incidentkit.errors import InvalidValue
from incidentkit.flows.reading import whole
from incidentkit.flows.receive import Received
from incidentkit.model.alert import AlertJudged, AlertReceived
from incidentkit.model.words import AlertStatus
from incidentkit.timing.instants import show_instant
from incidentkit.views.summary import card
from incidentkit.views.text import many, plain, quoted, words

MOST = 20
"""How many alerts and incidents are told one by one."""

_VERDICTS = {
    "open": "opened an incident",
    "candidate": "opened a candidate",
    "join": "joined",
    "record": "only recorded",
    "suppress": "suppressed",
}


def add(commands: Commands) -> None:
    """Add the commands of this file."""
    about = (
        "Take in a payload as a monitoring tool would send it, page, and explain. Exit code 1 "
        "when a part of it could not be read; that part is kept with the reason."
    )
    parser = commands.add_parser("capture", help="take in a payload", description=about)
    parser.add_argument("file", metavar="FILE", help="the payload, or - for stdin")
    parser.add_argument(
        "--source",
        default="alertmanager",
        help="alertmanager (default), generic, or one that a package brings",
    )
    parser.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="a header of the request, for sources that check one; may be given again",
    )
    add_store(parser)
    parser.set_defaults(run=capture)


@attrs.frozen
class Fate:
    """One alert of the payload, and what was decided about it; now, or when it was last news."""

    title: str
    severity: str
    status: str
    verdict: str
    joined: str
    rule: str
    repeat: bool = False


def _headers(given: list[str]) -> dict[str, str]:
    pairs = [each.partition(":") for each in given]
    for name, colon, _ in pairs:
        if not colon or not name.strip():
            raise InvalidValue("--header", "is written 'Name: value'")
    return {name.strip(): value.strip() for name, _, value in pairs}


def capture(run: Run) -> int:
    """`capture FILE --source NAME`."""
    body = read_file(run.args.file)
    console, watcher = Console(None), Watcher()
    with writing(run, {"console": console}, [watcher]) as desk:
        received = desk.receive(run.args.source, body, headers=_headers(run.args.header))
        fates = tuple(fate(desk, id_, received.capture) for _, _, id_, _ in received.known[:MOST])
        did = work(desk, watcher)
        refs = (*received.opened, *(x for x in received.joined if x not in received.opened))
        incidents = [_told(desk, ref) for ref in refs[:MOST]]
    if did.refused:
        complain(f"error: {did.refused}")
    if run.json:
        run.print_json(
            {
                "received": attrs.evolve(received, known=()),
                "alerts": fates,
                "messages": did.deliveries,
                "printed": console.sent,
                "incidents": incidents,
                "next_at": did.next_at,
            }
        )
    else:
        _print(run, received, fates)
        _print_incidents(run, incidents, did, console)
        left = len(refs) - len(incidents)
        if left:
            run.page.say(f"and {many(left, 'more incident')}: see `find`", Tone.QUIET)
    return FOUND if received.rejected or did.refused else OK


def fate(desk: Desk, alert: str, capture: str) -> Fate:
    """What an alert's own journal says of it; a repeat was last news in an earlier capture."""
    entries = desk.run(lambda: whole("alert", alert), "reading the alert")
    found = dict.fromkeys(("title", "severity", "status", "verdict", "joined", "rule"), "")
    repeat = False
    for entry in entries:
        event = None if entry.recorded is None else entry.recorded.event
        if isinstance(event, AlertReceived):
            stated, repeat = event.alert, event.capture != capture
            found |= {"title": stated.title, "severity": stated.severity, "status": stated.status}
        elif isinstance(event, AlertJudged) and entry.recorded is not None:
            reason = entry.recorded.reason
            rule = "" if reason is None else str(reason.inputs.get("matched", ""))
            found |= {"verdict": event.verdict, "joined": event.incident, "rule": rule}
    return Fate(**found, repeat=repeat)


def _told(desk: Desk, ref: str) -> dict[str, Any]:
    return {
        "incident": desk.incident(ref),
        "priority": desk.explain(ref, "priority"),
        "paging": desk.explain(ref, "paging"),
    }


def _print(run: Run, received: Received, fates: tuple[Fate, ...]) -> None:
    say = run.page.say
    counts = f"{many(received.alerts, 'alert')}, {many(received.repeats, 'repeat')} among them"
    if not received.repeats:
        counts = many(received.alerts, "alert")
    say(counts, label="captured", pad=10)
    if received.opened:
        say(", ".join(received.opened), Tone.STRONG, label="opened", pad=10)
    if received.joined:
        say(", ".join(received.joined), label="joined", pad=10)
    if not received.opened and not received.joined:
        say("no incident was opened or joined", label="result", pad=10)
    for path, problem in received.rejected[:MOST]:
        say(f"{plain(path)}: {plain(problem)}", Tone.BAD, label="rejected", pad=10)
    if len(received.rejected) > MOST:
        say(f"and {len(received.rejected) - MOST} more", Tone.BAD, label="rejected", pad=10)
    if fates:
        run.page.heading("Alerts")
    for each in fates:
        say(_fate(each), label="-", pad=2)
    if len(received.known) > len(fates):
        say(f"and {len(received.known) - len(fates)} more", Tone.QUIET, indent=2)


def _fate(each: Fate) -> str:
    if each.status == AlertStatus.CLEARED:
        verdict = "cleared"
    else:
        to = f" {plain(each.joined)}" if each.joined and each.verdict == "join" else ""
        why = f"by your rule '{plain(each.rule)}'" if each.rule else f"severity {each.severity}"
        verdict = f"{_VERDICTS.get(each.verdict, each.verdict)}{to} ({why})"
    before = "unchanged, counted; before it " if each.repeat else ""
    return f"{quoted(each.title, 200)}: {before}{verdict}"


def _print_incidents(
    run: Run, incidents: list[dict[str, Any]], did: Work, console: Console
) -> None:
    say = run.page.say
    for each in incidents:
        first, *rest = card(each["incident"]).split("\n")
        run.page.heading(first)
        for line in rest:
            say(line, indent=2)
        for topic in ("priority", "paging"):
            explanation = each[topic]
            answer = explanation.answer.removeprefix("paged: ")
            say(answer, Tone.STRONG, label=topic, indent=2, pad=10)
            for line in explanation.lines:
                if explanation.answer not in line:
                    say(line.strip(), Tone.QUIET, indent=12)
    if console.sent:
        run.page.heading("Sent to the console")
        for message in console.sent:
            Console(run.page).send(message)
    elsewhere = [x for x in did.deliveries if x.channel != "console"]
    for delivery in elsewhere:
        to = f"{delivery.kind} to {plain(delivery.party)} on {plain(delivery.channel)}"
        say(f"{to}: {words(delivery.state)}")
    if did.next_at is not None:
        run.page.blank()
        at = show_instant(did.next_at)
        say(f"Nothing more goes out by itself: run `work` at {at}.", Tone.WARN)
