"""Every way into the library, and by which rule it is held: a way without a rule fails a test."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from incidentkit import (
    AddNote,
    BreakGlass,
    Cancel,
    CancelReason,
    LinkKind,
    LinkTo,
    Merge,
    OpenReview,
    RaiseProblem,
    Unlink,
)
from incidentkit.errors import InvalidValue
from incidentkit.model.privacy_changes import LiftPrivacy, MakePrivate
from incidentkit.ports.rows import TaskQuery
from incidentkit.views.explain import TOPICS
from tests.access.secret_world import POLICY, Hidden, World

Call = Callable[[Any, str, Hidden, World], Any]
"""A desk of some actor, the name by which the incident is called, the incident, the world."""


def _any(world: World, choices: Any) -> Any:
    return world.random.choice(tuple(choices))


ONE: dict[str, Call] = {
    "get": lambda d, name, _h, _w: d.get(name),
    "incident": lambda d, name, _h, _w: d.incident(name),
    "journal": lambda d, name, _h, _w: d.journal(name),
    "timeline": lambda d, name, _h, _w: [str(x) for x in d.timeline(name)],
    "explain": lambda d, name, _h, w: str(d.explain(name, _any(w, TOPICS))),
    "brief": lambda d, name, _h, _w: d.brief(name),
    "review": lambda d, name, _h, w: d.review(name, public=_any(w, (True, False))),
    "deliveries": lambda d, name, _h, _w: d.deliveries(name),
    "reports": lambda d, name, _h, _w: d.reports(name),
    "suggest": lambda d, name, _h, _w: d.suggest(name),
    "recognise": lambda d, name, _h, _w: d.recognise(name),
    "attachment": lambda d, name, h, _w: d.attachment(name, h.attachment),
}
"""Reads one incident: as if it did not exist where the oracle says so, and there where it does."""

BESIDE: dict[str, Call] = {
    "problem": lambda d, _n, h, _w: d.problem(h.beside[0]),
}
"""Reads a record beside an incident, and goes with it."""

MANY: dict[str, Call] = {
    "find": lambda d, _n, _h, _w: _pages(d.find),
    "find_problems": lambda d, _n, _h, _w: _pages(d.find_problems),
    "find_reviews": lambda d, _n, _h, _w: _pages(d.find_reviews),
    "find_records": lambda d, _n, _h, w: _kinds(d, w),
    "count": lambda d, _n, _h, _w: d.count(),
    "search": lambda d, _n, h, w: [d.search(_any(w, ("trouble", "mended", "note", h.word)))],
    "overview": lambda d, _n, _h, _w: d.overview("vic", teams=("lawyers",)),
    "metrics": lambda d, _n, _h, _w: d.metrics(),
    "pareto": lambda d, _n, _h, w: d.pareto(_any(w, ("service", "category"))),
    "recurring": lambda d, _n, _h, _w: d.recurring(),
    "known_errors": lambda d, _n, _h, _w: d.known_errors(),
    "policy": lambda d, _n, _h, _w: d.policy().source,
    "diagnose": lambda d, _n, _h, _w: d.diagnose(),
    "tasks": lambda d, _n, _h, _w: d.tasks(TaskQuery(limit=1000)),
    "orphans": lambda d, _n, _h, _w: d.orphans(),
    "verify": lambda d, _n, _h, _w: d.verify(),
    "faults": lambda d, _n, _h, _w: d.faults,
    "receive": lambda d, _n, h, _w: d.receive("generic", f'{{"title": "Trouble {h.ref}"}}'),
    "retry": lambda d, _n, h, _w: d.retry(f"wake:incident/{h.id}"),
    "purge": lambda d, _n, _h, _w: d.purge(timedelta(), reason="a test"),
    "seal": lambda d, _n, _h, _w: d.seal(),
    "adopt": lambda d, _n, _h, _w: d.adopt(POLICY),
    "parked": lambda d, _n, _h, _w: d.parked(),
    "held": lambda d, _n, _h, _w: d.held(),
    "release": lambda d, _n, h, _w: d.release(_message(h)),
    "drafts": lambda d, _n, _h, _w: d.drafts(),
    "send_draft": lambda d, _n, h, _w: d.send_draft(_message(h)),
    "shadow_report": lambda d, _n, _h, _w: d.shadow_report(),
    "audit": lambda d, _n, _h, _w: d.audit(heal=False),
    "backup": lambda d, _n, _h, _w: _backup(d),
    "restored": lambda d, _n, _h, _w: d.restored(),
    "spool": lambda d, _n, _h, _w: d.spool(),
    "enrolled": lambda d, _n, h, _w: d.enrolled(h.ref),
    "enrol": lambda d, _n, h, _w: d.enrol(h.ref, mode="shadow", reason="a test"),
    "adopt_ticket": lambda d, _n, h, w: _ticket(d, h, w),
    "ticket_changed": lambda d, _n, h, _w: d.ticket_changed(h.ref, 1),
}
"""Shows many things, or none: never a word of what the oracle closes. Some are for few."""

ACTS: dict[str, Call] = {
    "accept": lambda d, name, _h, _w: d.accept(name),
    "decline": lambda d, name, _h, _w: d.decline(name, reason="a test"),
    "triage": lambda d, name, _h, _w: d.triage(name, impact="high", urgency="high"),
    "start": lambda d, name, _h, _w: d.start(name),
    "acknowledge": lambda d, name, _h, _w: d.acknowledge(name),
    "assign": lambda d, name, _h, _w: d.assign(name, "adam"),
    "note": lambda d, name, _h, _w: d.note(name, "seen"),
    "reply": lambda d, name, _h, _w: d.reply(name, "seen"),
    "edit": lambda d, name, _h, _w: d.edit(name, service="other"),
    "prioritise": lambda d, name, _h, _w: d.prioritise(name, impact="low"),
    "hold": lambda d, name, _h, _w: d.hold(name, reason="vendor", court="ACME"),
    "resume": lambda d, name, _h, _w: d.resume(name),
    "mitigate": lambda d, name, _h, _w: d.mitigate(name),
    "resolve": lambda d, name, _h, _w: d.resolve(name, code="fixed", remedy="x"),
    "close": lambda d, name, _h, _w: d.close(name, code="fixed", remedy="x"),
    "reopen": lambda d, name, _h, _w: d.reopen(name, reason="again"),
    "cancel": lambda d, name, _h, _w: d.cancel(name, why="a test"),
    "attach": lambda d, name, _h, _w: d.attach(name, "x.txt", b"x"),
    "redact": lambda d, name, _h, _w: d.redact(name, (2,), reason="a test"),
    "hand_over": lambda d, name, _h, _w: d.hand_over(name, "commander", "adam"),
    "make_private": lambda d, name, _h, _w: d.make_private(name, reason="a test"),
    "lift_privacy": lambda d, name, _h, _w: d.lift_privacy(name, reason="a test"),
    "break_glass": lambda d, name, _h, _w: d.break_glass(name, "a test"),
    "readings": lambda d, name, _h, _w: d.readings(name),
    "set_mode": lambda d, name, _h, _w: d.set_mode(name, "shadow", reason="a test"),
    "detach": lambda d, name, _h, _w: d.detach(name, reason="a test"),
    "report": lambda d, name, _h, _w: d.report("me, too", reporter=d.actor, incident=name),
    "execute": lambda d, name, h, w: d.execute(_any(w, _commands(name, h, w))),
    "declare": lambda d, name, _h, _w: d.declare("Next", successor_of=name),
}
"""Writes to one incident, or names it while writing: not to be found where it is closed."""

HOST = {
    "as_": "whoever holds a desk decides for whom",
    "at": "as `as_`, for another tenant's work",
    "tenant": "as `as_`, for another tenant",
    "open": "makes a desk",
    "disconnect": "shows nothing",
    "actor": "a name that the host gave",
    "tenant_name": "a name that the host gave",
    "tenant_of": "a name that the host gave",
    "ports": "the host's own store and plugins",
    "memory": "the host's own",
    "repeats": "the host's own",
    "reader": "a source of the host",
    "observed": "tells the host's observers",
    "setting": "who acts, and the policy",
    "run": "narrows whatever it is given; see test_a_flow_of_the_host",
    "run_due": "works as the system and shows nothing",
    "serve": "works as the system and shows nothing",
    "reindex": "works as the system and gives a number",
    "reconcile": "feeds what callers left, as each of them, and gives numbers and files' names",
    "before_round": "a worker's",
    "after_claim": "a worker's",
    "paged_elsewhere": "a worker's, and gives names of channels",
    "after_round": "a worker's",
    "using": "the same desk for the same actor, in the host's transaction",
    "joint": "the host's own transaction",
    "committed": "tells the host's observers",
}
"""What concerns the process that holds the desk, and shows no record to an actor."""

CLI = {
    "demo": "a store of its own",
    "capture": "as the system",
    "work": "as the system, and shows nothing of a record",
    "find": "as the system",
    "search": "as the system",
    "suggest": "as the system",
    "overview": "as the system",
    "metrics": "as the system",
    "problems": "as the system",
    "recurring": "as the system",
    "pareto": "as the system",
    "show": "as the system",
    "timeline": "as the system",
    "explain": "as the system",
    "review": "as the system",
    "replay": "as the system",
    "doctor": "as the system",
    "verify": "as the system",
    "parked": "as the system",
    "retry": "as the system",
    "audit": "as the system",
    "backup": "as the system",
    "restore": "as the system",
    "restored": "as the system",
    "migrate": "shows nothing of a record",
    "held": "as the system",
    "spool": "as the system",
    "shadow-report": "as the system",
    "policy": "reads documents",
    "diagram": "reads no store",
}
"""The command line acts as the system: whoever may read the store's file may read all of it."""


def _pages(call: Any) -> list[Any]:
    found: list[Any] = []
    page = call(limit=7)
    while True:
        found += page.items
        if page.next is None:
            return found
        page = call(limit=7, after=page.next)


def _message(hidden: Hidden) -> str:
    return (hidden.messages or ["none"])[0]


def _backup(desk: Any) -> Any:
    """Its store may not be able to; whoever may not ask does not learn it."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return desk.backup(Path(folder) / "copy").size
        except InvalidValue as error:
            return str(error)


def _ticket(desk: Any, hidden: Hidden, world: World) -> Any:
    """A ticket of its own at each call, so that nothing of the world changes."""
    key = f"T-{world.random.getrandbits(64)}"
    return desk.adopt_ticket(key, title="A ticket", mode="shadow", reference=f"X{key}")


def _kinds(desk: Any, world: World) -> list[Any]:
    kind = _any(world, ("incident", "problem", "review", "report", "alert", "maintenance"))
    return _pages(partial(desk.find_records, kind))


def _commands(name: str, hidden: Hidden, world: World) -> tuple[Any, ...]:
    """Commands that name the incident, as their subject or beside one that is open to all."""
    plain = world.all[0].ref
    if hidden.ref == plain:
        return (AddNote(name, text="seen"),)
    return (
        AddNote(name, text="seen"),
        LinkTo(plain, LinkKind.RELATED, name),
        Unlink(plain, LinkKind.BLOCKED_BY, name),
        Merge(plain, target=name),
        Merge(name, target=plain),
        Cancel(plain, CancelReason.DUPLICATE, target=name),
        RaiseProblem("One more", incident=name),
        OpenReview(name),
        MakePrivate(name, reason="a test"),
        LiftPrivacy(name, reason="a test"),
        BreakGlass(name, reason="a test"),
    )


RULED = {**ONE, **BESIDE, **MANY, **ACTS}
SEED = random.Random
