"""A rule of the host in a commit of its own: after its delay, or because it needs other records."""

from __future__ import annotations

from incidentkit.errors import CallerError
from incidentkit.flows.advance import settle
from incidentkit.flows.applying import SYSTEM
from incidentkit.flows.automating import unguarded
from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Flow, Now
from incidentkit.flows.execute import carried_out
from incidentkit.flows.reaching import known_of
from incidentkit.flows.setting import Outcome, Setting
from incidentkit.model.automation import Automated, AutomationFailed, AutomationSkipped
from incidentkit.model.journal import Event
from incidentkit.ports.rows import ClaimedTask, Done, Settle
from incidentkit.rules.automate import Automation, Fired, Mode


def automated(setting: Setting, claimed: ClaimedTask) -> Flow[Outcome[None]]:
    """Ask the rule's condition again, act, and settle the task."""
    at = yield from Now()
    book = unguarded(Workbook(setting, at))
    id_, depth, name = claimed.task.body.split(" ", 2)
    book.depth = int(depth)
    rule = next((x for x in setting.policy.automation if x.name == name), None)
    draft = yield from book.incident(id_)
    if draft is not None and rule is not None and rule.mode is not Mode.OFF:
        known = yield from known_of(book, draft.incident, (*rule.when.names(), *rule.once_for))
        fired = rule.fires(draft.incident, book.depth, setting.policy.hash, known)
        if fired is None:
            why = "its condition no longer holds"
            yield from _say(book, id_, AutomationSkipped(name, why), None)
        else:
            book = yield from _acted(book, id_, rule, fired)
    elif draft is not None:
        why = "the policy in force no longer has it"
        yield from _say(book, id_, AutomationSkipped(name, why), None)
    book.settles.append(Settle(claimed.task.id, claimed.token, Done()))
    _ = yield from book.commit()
    return Outcome(None, at)


def _acted(book: Workbook, id_: str, rule: Automation, fired: Fired) -> Flow[Workbook]:
    """The book with all of the rule's actions in it, or with a word of the one that was refused."""
    did = tuple(str(action) for action in rule.do)
    yield from _say(book, id_, Automated(rule.name, did), fired)
    for action in rule.do:
        try:
            command = action.command(f"incident/{id_}", fired.facts)
            _ = yield from carried_out(book, command)
        except CallerError as error:
            book = unguarded(book)
            failed = AutomationFailed(rule.name, str(action), str(error))
            yield from _say(book, id_, failed, fired)
            return book
    return book


def _say(book: Workbook, id_: str, event: Event, fired: Fired | None) -> Flow[None]:
    draft = yield from book.incident(id_)
    if draft is not None:
        reason = None if fired is None else fired.reason
        draft.happened(event, book.setting, book.at, by=SYSTEM, reason=reason)
        yield from settle(book, draft)
