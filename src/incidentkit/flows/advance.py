"""From one command, or one thing that happened, to everything that follows on the same record.

The order is always the same: decide, react (at most eight deep), then prioritise, run the clocks,
ring what is due, page, tell. Each step is a rule's decision; this file only keeps their order and
asks the directory whom a page would reach.
"""

from __future__ import annotations

from incidentkit.flows import assessing
from incidentkit.flows.applying import SYSTEM as SYSTEM
from incidentkit.flows.applying import apply as apply
from incidentkit.flows.applying import decide as decide
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow
from incidentkit.flows.hiding import hide
from incidentkit.flows.outgoing import notify, page, sync
from incidentkit.flows.reaching import known_of, known_parties
from incidentkit.flows.signs import TURNS, signs
from incidentkit.model import incident_events as e
from incidentkit.model.journal import Event
from incidentkit.model.words import ACTIVE, MessageKind, Priority, Response, State
from incidentkit.policy.drawn import drawn as drawn_by
from incidentkit.rules import clocks, communicate, escalate, react, waits
from incidentkit.rules.names import event_name
from incidentkit.timing.instants import show_instant as near


def settle(book: Workbook, draft: Draft) -> Flow[None]:
    """Draw every conclusion that the record owes to what happened to it in this flow.

    From one that was handed back to its host nothing follows.
    """
    if draft.incident.detached:
        draft.fresh.clear()
        return
    policy = book.setting.policy
    yield from hide(book, draft)
    happened = tuple(draft.fresh)
    draft.fresh.clear()
    quiet = _only_words(book, draft) and not assessing.assessed(happened)
    quiet = quiet and not any(isinstance(x, e.PriorityQuestioned) for x in happened)
    if happened and quiet and not policy.automation:
        # Nothing that a clock, a page or a priority rests on; what time alone has made due is
        # concluded when the timer rings.
        for event in happened:
            yield from _tell(book, draft, event)
        draft.fresh.clear()
        return
    yield from _follow_up(book, draft)
    happened += tuple(draft.fresh)
    draft.fresh.clear()
    if any(isinstance(event, e.Resolved) for event in happened):
        from incidentkit.flows.reviewing import open_owed

        yield from open_owed(book, draft)
    yield from _conclude(book, draft, happened)
    yield from hide(book, draft)  # it may rest on the priority that was just drawn
    if policy.automation:
        happened += yield from _automate(book, draft, happened)
    yield from _page(book, draft)
    if any(isinstance(event, TURNS) for event in happened):
        yield from signs(book, draft, happened)
    happened += tuple(draft.fresh)
    draft.fresh.clear()
    for event in happened:
        yield from _call(book, draft, event)
        yield from _tell(book, draft, event)


def _conclude(book: Workbook, draft: Draft, happened: tuple[Event, ...]) -> Flow[None]:
    """Priority, clocks and leases as they stand after what happened."""
    policy = book.setting.policy
    if assessing.assessed(happened):
        assessing.rate(book, draft)
    yield from _prioritise(book, draft, happened)
    yield from _overlay(book, draft, happened)
    for moved, reason in clocks.follow(draft.incident, policy.targets, policy.hash):
        draft.happened(moved, book.setting, book.at, by=SYSTEM, reason=reason)
    if draft.incident.clocks and draft.incident.life.state not in ACTIVE:
        from incidentkit.rules.promises import let_go

        for event, why in let_go(draft.incident, policy.hash):
            draft.happened(event, book.setting, book.at, by=SYSTEM, reason=why)
    for said in clocks.ring(draft.incident, book.at):
        draft.happened(said, book.setting, book.at, by=SYSTEM)
    for holder in escalate.lapsed(draft.incident, book.at):
        draft.happened(e.LeaseLapsed(holder), book.setting, book.at, by=SYSTEM)


def _automate(book: Workbook, draft: Draft, happened: tuple[Event, ...]) -> Flow[tuple[Event, ...]]:
    """Let the host's rules hear of everything, and of what they themselves have led to."""
    from incidentkit.flows.automating import automate

    more: tuple[Event, ...] = ()
    depth = book.depth
    while True:
        happened += tuple(draft.fresh)
        more += tuple(draft.fresh)
        draft.fresh.clear()
        yield from automate(book, draft, happened, depth)
        if not draft.fresh:
            return more
        happened = ()
        depth += 1
        yield from _conclude(book, draft, tuple(draft.fresh))


def _only_words(book: Workbook, draft: Draft) -> bool:
    """Whether nothing changed that a rule may rest on, words included where a rule reads them."""
    policy = book.setting.policy
    if not draft.only_words_changed() or _rewritten(book, draft):
        return False
    more = draft.incident.more
    if more is not None and more.overlays.closes_at is not None:
        return False
    return policy.lifecycle.overlays.idle or draft.before.card is draft.incident.card


def _overlay(book: Workbook, draft: Draft, happened: tuple[Event, ...]) -> Flow[None]:
    """What follows by itself beside the life-cycle; most incidents have nothing there."""
    policy, at = book.setting.policy, book.at
    terms = policy.lifecycle.overlays
    if draft.incident.more is None and terms.idle:
        return
    from incidentkit.rules.look import Look
    from incidentkit.rules.overlays import STEPS
    from incidentkit.rules.surroundings import around

    parties = yield from known_parties(book, draft.incident, terms.asks)
    beside = around(draft.incident, policy.services, parties)
    left: tuple[str, ...] = ()
    if terms.autoclose.after and draft.incident.life.state is State.RESOLVED:
        from incidentkit.flows.family import still_open

        left = yield from still_open(book, draft)
    touched = any(each.by != SYSTEM for each in draft.recorded)
    for step in STEPS:
        look = Look(draft.incident, happened, at, touched, terms, policy.hash, beside, left)
        for event, reason in step(look):
            apply(book, draft, (event,), by=SYSTEM, reason=reason)


_BESIDE = frozenset(("incidentkit.model.major_changes", "incidentkit.model.incident_task_changes"))
"""Where the events beside the life-cycle stand that may call somebody."""


def _follow_up(book: Workbook, draft: Draft) -> Flow[None]:
    """Remind whoever is waited for, or end a wait that nobody answered."""
    policy = book.setting.policy
    if draft.incident.life.state is not State.ON_HOLD:
        return
    due = waits.follow_up(draft.incident, book.at, policy.lifecycle, policy.hash)
    if due is None:
        return
    from incidentkit.flows.reminding import remind, resolve

    if due.reason.outcome == waits.RESOLVE:
        events = yield from resolve(book, draft, due)
        apply(book, draft, events, by=SYSTEM, reason=due.reason)
    else:
        yield from remind(book, draft, due)


_FIRED = (e.AlertRefired, e.AlertJoined)
_RATED = (e.Rated, e.Declared, e.PriorityReturned)


def _call(book: Workbook, draft: Draft, event: Event) -> Flow[None]:
    """Page whoever works on it for what they must hear at once, acknowledged or not."""
    if isinstance(event, e.ClockWarned):
        yield from call(book, draft, "clock_warned", f"{event.target} is due {near(event.due_at)}")
    elif isinstance(event, e.ClockBreached):
        about = f"{event.target} was due {near(event.due_at)} and is missed"
        yield from call(book, draft, "clock_breached", about)
    elif isinstance(event, e.PriorityQuestioned):
        yield from _ask(book, draft, event)
    elif isinstance(event, _FIRED) and draft.incident.life.state in (
        State.MITIGATED,
        State.OBSERVING,
    ):
        yield from call(book, draft, "fix_in_doubt", f"is the fix holding? {event.title}")
    elif type(event).__module__ in _BESIDE:
        from incidentkit.rules.overlay_calls import called

        policy = book.setting.policy
        terms = policy.lifecycle.overlays
        found = called(draft.incident, event, policy.paging, terms, policy.hash)
        if found is not None:
            round_, about = found
            for party in round_.to:
                yield from page(book, draft, party, round_, about)


def call(
    book: Workbook,
    draft: Draft,
    occasion: str,
    about: str,
    priority: Priority | None = None,
) -> Flow[bool]:
    """One page beside the ladder, where the policy says that this occasion calls; was it paged?"""
    policy = book.setting.policy
    if draft.incident.detached:
        return False
    leads = policy.lifecycle.overlays.paged_roles
    round_ = escalate.call(
        draft.incident, occasion, policy.paging, policy.hash, priority, leads=leads
    )
    if round_ is None:
        return False
    for party in round_.to:
        yield from page(book, draft, party, round_, about)
    return bool(round_.to)


def _ask(book: Workbook, draft: Draft, event: e.PriorityQuestioned) -> Flow[None]:
    """Ask whoever works on it whether the priority still fits: by a page where that is urgent."""
    why = event.why or f"as rated now it would be {event.drawn}"
    about = f"is {event.priority} still right? {why}"
    called = yield from call(book, draft, "priority_questioned", about, event.drawn)
    people = draft.incident.people
    asked = people.assignee or people.owner
    if not called and asked and book.setting.taking(MessageKind.NOTICE):
        ref = draft.incident.ref
        _ = yield from notify(book, draft, asked, (asked,), f"{ref}: {about}", None)


def _rewritten(book: Workbook, draft: Draft) -> bool:
    """Whether words or facts changed that an override of the priority may rest on."""
    was, now = draft.before, draft.incident
    changed = now.card is not was.card or now.more is not was.more
    return changed and bool(book.setting.policy.overrides)


def _prioritise(book: Workbook, draft: Draft, happened: tuple[Event, ...]) -> Flow[None]:
    """Draw the priority anew when what it rests on was stated, unless a person set it."""
    policy, rating = book.setting.policy, draft.incident.rating
    rated = any(isinstance(event, _RATED) for event in happened)
    if not (rated or assessing.assessed(happened)) and not (
        # Overrides may read any fact. A level of an older policy's scale is left as it is.
        happened and policy.overrides and policy.matrix.has(rating.impact, rating.urgency)
    ):
        return
    asked = (name for rule in policy.overrides for name in rule.when.names())
    parties = yield from known_parties(book, draft.incident, asked)
    drawn = assessing.doubted(drawn_by(policy, draft.incident, parties), book, draft)
    if rating.by_hand:
        _question(book, draft, happened, drawn.priority)
        return
    back = any(isinstance(event, e.PriorityReturned) for event in happened)
    first = draft.new and not any(isinstance(event, e.Prioritised) for event in happened)
    same = (drawn.priority, drawn.provisional) == (rating.priority, rating.provisional)
    if first or back or not same:
        was = None if first else rating.priority
        event = e.Prioritised(drawn.priority, was, drawn.provisional, False)
        draft.happened(event, book.setting, book.at, by=SYSTEM, reason=drawn.reason)


def _question(book: Workbook, draft: Draft, happened: tuple[Event, ...], drawn: Priority) -> None:
    """A priority set by hand stands, but is put in question when its rating has worsened since."""
    if any(isinstance(event, e.Prioritised) for event in happened):
        return  # it was set just now, in the knowledge of this rating
    if any(_asks(x.event, drawn) for x in draft.recorded):
        return
    from incidentkit.rules.question import question  # most priorities are never set by hand

    policy, rating = book.setting.policy, draft.incident.rating
    reason = question(draft.before.rating, rating, drawn, policy.matrix, policy.hash)
    if reason is not None:
        event = e.PriorityQuestioned(rating.priority, drawn)
        draft.happened(event, book.setting, book.at, by=SYSTEM, reason=reason)


def _asks(event: Event, drawn: Priority) -> bool:
    return isinstance(event, e.PriorityQuestioned) and event.drawn is drawn


def _page(book: Workbook, draft: Draft) -> Flow[None]:
    """One round of pages when one is due; a decision not to page is recorded once."""
    policy = book.setting.policy
    round_ = escalate.escalate(draft.incident, policy.paging, book.at, policy.hash)
    if round_ is None:
        return
    if not round_.to:
        planned = draft.incident.attention.next_page_at is not None
        drawn = any(isinstance(x.event, e.Prioritised) for x in draft.recorded)
        if draft.new or drawn or planned:
            event = e.PageWithheld(round_.number)
            draft.happened(event, book.setting, book.at, by=SYSTEM, reason=round_.reason)
        return
    if draft.incident.ties.firing:
        from incidentkit.flows.quiet import silenced

        if (yield from silenced(book, draft)):
            return
    for party in round_.to:
        yield from page(book, draft, party, round_)
    after = e.PagingPlanned(round_.number, round_.next_at)
    draft.happened(after, book.setting, book.at, by=SYSTEM, reason=round_.reason)


_SILENT = (
    e.PageQueued,
    e.PageBundled,
    e.PageWithheld,
    e.PagingPlanned,
    e.NoticeQueued,
    e.DeliverySettled,
)


_OF_CHILD = "child_turned"
"""What the child itself is synced for, and need not be twice."""


def _tell(book: Workbook, draft: Draft, event: Event) -> Flow[None]:
    """The notices and the sync that an event owes."""
    if isinstance(event, _SILENT):
        return
    policy = book.setting.policy
    name = event_name(type(event))
    rules = [rule for rule in policy.notices if name in rule.on]
    if rules:
        asked = (x for rule in rules for x in (*rule.when.names(), *rule.template.names()))
        known = yield from known_of(book, draft.incident, asked)
        owed = communicate.owed(draft.incident, name, policy.notices, policy.hash, known)
        for rule, reason in owed:
            members = communicate.members(draft.incident, policy.audiences, rule.audience)
            if not members:
                continue
            text = communicate.written(draft.incident, rule, known)
            _ = yield from notify(book, draft, rule.audience, members, text, reason)
    if isinstance(event, e.Replied) and event.to != react.REPORTERS:
        _ = yield from notify(book, draft, event.to, (event.to,), event.text, None)
    if policy.sync and name != _OF_CHILD and policy.sync in book.setting.taking(MessageKind.SYNC):
        yield from sync(book, draft, policy.sync, name)


def quieten(draft: Draft, book: Workbook) -> None:
    """Alerts that cleared before anybody acknowledged pause the ladder; a re-fire resumes it."""
    incident = draft.incident
    if not incident.active or not incident.ties.alerts:
        return
    response = incident.life.response
    if not incident.ties.firing and response is Response.UNACKNOWLEDGED:
        draft.happened(e.ResponseCleared(), book.setting, book.at, by=SYSTEM)
    elif incident.ties.firing and response is Response.CLEARED:
        draft.happened(e.ResponseRefired(), book.setting, book.at, by=SYSTEM)
