"""A host's automation at work: in the commit of its event, or in one of its own after a delay.

A rule acts as a whole or not at all, in the system's name, and whatever it does or cannot do stands
in the journal. Refused actions never stand in the way of the person whose command set them off.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from incidentkit.errors import CallerError
from incidentkit.flows.applying import SYSTEM, apply, decide
from incidentkit.flows.draft import PRIORITY_OF_REACTIONS, Draft, Workbook
from incidentkit.flows.effects import Flow, Owners
from incidentkit.flows.reaching import known_of
from incidentkit.ids import TaskId
from incidentkit.model.automation import (
    Automated,
    AutomationFailed,
    AutomationPutOff,
    AutomationSkipped,
)
from incidentkit.model.brief import brief
from incidentkit.model.journal import Event
from incidentkit.ports.rows import KeyChange, Task
from incidentkit.rules.automate import Automation, Fired, Mode, listening
from incidentkit.rules.react import DEPTH
from incidentkit.timing.instants import to_micros

AUTOMATION = "automation"
"""The queue of rules that act in a commit of their own, and the space of their keys."""
_OWN = (Automated, AutomationFailed, AutomationPutOff, AutomationSkipped)


def automate(book: Workbook, draft: Draft, happened: Sequence[Event], depth: int) -> Flow[None]:
    """Ask every rule that listens to what happened."""
    rules = book.setting.policy.automation
    asked: list[str] = []
    for event in happened:
        for rule in () if isinstance(event, _OWN) else listening(rules, event):
            if rule.name not in asked:
                asked.append(rule.name)
                yield from _ask(book, draft, rule, depth)


def _ask(book: Workbook, draft: Draft, rule: Automation, depth: int) -> Flow[None]:
    known = yield from known_of(book, draft.incident, (*rule.when.names(), *rule.once_for))
    fired = rule.fires(draft.incident, depth, book.setting.policy.hash, known)
    if fired is None or not (yield from claimed_key(book, draft, fired)):
        return
    if depth >= DEPTH:
        why = f"{depth} rules had set each other off before it"
        _say(book, draft, AutomationSkipped(rule.name, why), fired)
    elif rule.mode is Mode.DRY_RUN:
        _say(book, draft, Automated(rule.name, _actions(rule), dry_run=True), fired)
    elif rule.at_once:
        act(book, draft, fired)
    else:
        put_off(book, draft, fired, depth)


def claimed_key(book: Workbook, draft: Draft, fired: Fired) -> Flow[bool]:
    """Whether this firing is the first of its key; it then has it for ever."""
    if not fired.key:
        return True
    (owner,) = yield from Owners(AUTOMATION, (fired.key,))
    if owner is not None or any((x.space, x.key) == (AUTOMATION, fired.key) for x in book.keys):
        return False
    book.keys.append(KeyChange(AUTOMATION, fired.key, None, f"incident/{draft.incident.id}"))
    return True


def act(book: Workbook, draft: Draft, fired: Fired) -> None:
    """Carry out plain actions on the draft; all of them, or none and a word of why."""
    rule, ref = fired.rule, draft.incident.ref
    before = draft.incident, len(draft.recorded), len(draft.fresh), len(book.tasks)
    cause = f"incident/{draft.incident.id}#{draft.incident.version}"
    _say(book, draft, Automated(rule.name, _actions(rule)), fired)
    for action in rule.do:
        try:
            command = action.command(ref, fired.facts)
            apply(book, draft, decide(book, draft, command, SYSTEM), by=SYSTEM, cause=cause)
        except CallerError as error:
            draft.incident, entries, fresh, tasks = before
            del draft.recorded[entries:], draft.fresh[fresh:], book.tasks[tasks:]
            _say(book, draft, AutomationFailed(rule.name, str(action), str(error)), fired)
            return


def put_off(book: Workbook, draft: Draft, fired: Fired, depth: int) -> None:
    """Leave the rule to a task of its own, due after its delay."""
    rule, at = fired.rule, book.at
    until = at + rule.delay
    if rule.delay:
        _say(book, draft, AutomationPutOff(rule.name, until), fired)
    task = TaskId(brief(f"auto:{draft.incident.id}#{draft.incident.version}:{rule.name}"))
    body = f"{draft.incident.id} {depth + 1} {rule.name}"
    due = to_micros(until)
    book.tasks.append(Task(task, AUTOMATION, task, 0, PRIORITY_OF_REACTIONS, due, "", body))


def _actions(rule: Automation) -> tuple[str, ...]:
    return tuple(str(action) for action in rule.do)


def _say(book: Workbook, draft: Draft, event: Event, fired: Fired) -> None:
    draft.happened(event, book.setting, book.at, by=SYSTEM, reason=fired.reason)


def unguarded(book: Workbook) -> Workbook:
    """A fresh book for what a rule of the tenant's own policy does: nobody is asked again."""
    fresh = Workbook(attrs.evolve(book.setting, guarded=False), book.at)
    fresh.depth = book.depth
    return fresh
