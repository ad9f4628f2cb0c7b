"""Every event has a sentence, and it is the one people need."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any, cast, get_args, get_origin, get_type_hints

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incidentkit.codec.journal import EVENTS, event_type
from incidentkit.model import (
    admission,
    custody_changes,
    handover_changes,
    incident_task_changes,
    major_changes,
    privacy_changes,
    public_changes,
    region_changes,
)
from incidentkit.model import automation as a
from incidentkit.model import history as h
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import known_error_changes as n
from incidentkit.model import problem as p
from incidentkit.model import problem_changes as k
from incidentkit.model import relation_changes as rr
from incidentkit.model import report_changes as rep
from incidentkit.model import review_changes as r
from incidentkit.model.alert import AlertJudged, AlertMoved
from incidentkit.model.clock import Clock
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.impact import Certainty, Count
from incidentkit.model.incident import Card, Link
from incidentkit.model.incident_task import IncidentTask
from incidentkit.model.journal import Event
from incidentkit.model.replayed import Figures
from incidentkit.model.review import FollowUpKind, FollowUpState, ReviewState
from incidentkit.model.words import (
    CancelReason,
    ClockState,
    LinkKind,
    MessageKind,
    Moment,
    Outcome,
    Priority,
    ProblemMoment,
    ProblemState,
    PublicState,
    State,
)
from incidentkit.timing.intervals import Interval
from incidentkit.views.text import near
from incidentkit.views.timeline import SENTENCES, line, timeline
from tests.views.sentences import DOSSIER
from tests.views.story import START, ProblemStory, Story, entry, long_story, minutes, redact
from tests.views.test_timeline_hosting import GOLDEN as HOSTING
from tests.views.test_timeline_planned import GOLDEN as PLANNED


def events_of(module: Any) -> set[type[Event]]:
    return {
        cls
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, Event) and cls is not Event and cls.__module__ == module.__name__
    }


ELSEWHERE = tuple(f"incidentkit.model.{x}:" for x in ("alert", "delivery", "adoption"))
"""Where the events of records stand that have no timeline of their own."""
OWN = {event_type(name) for name, place in EVENTS.items() if not place.startswith(ELSEWHERE)}
ALL = sorted({*OWN, AlertMoved}, key=lambda cls: cls.__name__)
"""All that is told; an alert that moved, also in the timeline of whoever it moved to."""


def test_every_event_has_a_sentence() -> None:
    assert set(SENTENCES) == set(ALL)
    stored = {name for name, place in EVENTS.items() if ".incident_events:" in place}
    assert len(events_of(e)) == len(stored)


SOON = START + minutes(30)
CLOCK = Clock("resolve", ClockState.RUNNING, START, SOON)

RUNS = Clock("review", ClockState.RUNNING, SOON, SOON)
RELATED = events_of(r) | events_of(rep) | {AlertMoved}

GOLDEN: list[tuple[Event, str]] = [
    (
        e.Declared("1", "INC-1", Card("Shop down", service="shop"), candidate=False),
        'ana declared INC-1 "Shop down" on shop',
    ),
    (
        e.Declared("1", "INC-1", Card("Shop down"), candidate=True),
        'ana opened the candidate INC-1 "Shop down"',
    ),
    (e.Rated("high", "low", "sev1"), "ana rated it: impact high, urgency low, severity sev1"),
    (
        e.Prioritised(Priority.P1, Priority.P3, provisional=False, by_hand=True),
        "ana set the priority to P1 by hand (was P3)",
    ),
    (
        e.Prioritised(Priority.P3, None, provisional=True, by_hand=False),
        "the priority is P3, provisional",
    ),
    (e.Accepted(), "ana accepted it as an incident"),
    (e.Triaged(), "ana triaged it"),
    (e.Started(), "ana started work"),
    (e.Held("vendor", "ACME"), "ana put it on hold: vendor, waiting for ACME"),
    (e.Resumed(State.IN_PROGRESS), "ana resumed it: in progress again"),
    (e.Mitigated(START), "ana mitigated it: service restored"),
    (
        e.Mitigated(START - minutes(5)),
        "ana mitigated it: service restored at 02:25:00+00:00",
    ),
    (
        e.ObservationBegun(SOON, "no errors"),
        "ana began to observe it until 03:00:00+00:00: no errors",
    ),
    (e.Regressed("it is back"), "ana took it back into work, the fix did not hold: it is back"),
    (
        e.Resolved("fixed", "rolled back", START, "", Outcome.ACTUAL),
        "ana resolved it (fixed): rolled back",
    ),
    (
        e.Resolved("fixed", "x", START - timedelta(days=1), "noisy", Outcome.EXERCISE),
        (
            "ana resolved it (fixed): x; restored at 2026-02-28 02:30:00+00:00; "
            "outcome exercise; despite open ends: noisy"
        ),
    ),
    (e.Closed(), "ana closed it"),
    (e.Reopened(State.IN_PROGRESS, "again"), "ana reopened it: again"),
    (
        e.Cancelled(CancelReason.DUPLICATE, "", "INC-2"),
        "ana cancelled it (duplicate, INC-2)",
    ),
    (e.Acknowledged("ana", SOON), "ana acknowledged (until 03:00:00+00:00)"),
    (e.Acknowledged("bob", SOON), "ana acknowledged for bob (until 03:00:00+00:00)"),
    (
        e.LeaseLapsed("ana"),
        "the acknowledgement of ana lapsed: nothing was done meanwhile",
    ),
    (
        e.ResponseCleared(),
        "all alerts cleared before anybody acknowledged: paging pauses",
    ),
    (
        e.ResponseRefired(),
        "an alert fired again before anybody acknowledged: paging goes on",
    ),
    (e.Assigned("bob", None), "ana assigned bob"),
    (e.Assigned("ana", "bob"), "ana took it on (was bob)"),
    (e.Assigned(None, "bob"), "ana left it unassigned (was bob)"),
    (e.OwnerChanged("bob", "carl"), "ana made bob the owner (was carl)"),
    (e.TeamChanged("net", "web"), "ana handed it to the team net (was web)"),
    (
        e.WatchersChanged(("bob",), ("bob",), ("cy",)),
        "ana: bob watches it, cy no longer watches it",
    ),
    (e.WatchersChanged(("ana",), ("ana",), ()), "ana watches it"),
    (e.WatchersChanged((), (), ("ana",)), "ana no longer watches it"),
    (e.WatchersChanged((), (), ("cy",)), "ana: cy no longer watches it"),
    (e.StatusStated("Open", "Paused"), 'ana set the status "Open" (was Paused)'),
    (e.RoleTaken("commander", "ana", "bob"), "ana took the role commander (was bob)"),
    (e.RoleTaken("commander", "bob", None), "ana gave the role commander to bob"),
    (
        e.RoleTaken("commander", "bob", None, acting=True),
        "bob, the first to acknowledge, is acting commander",
    ),
    (e.StatusStated("", "Paused"), 'the status "Paused" applies no more'),
    (e.RoleLeft("commander", "ana"), "ana laid down the role commander"),
    (e.RoleLeft("commander", "bob"), "ana ended the role commander of bob"),
    (e.Noted("looking at\n  the pool"), "ana noted: looking at the pool"),
    (e.Replied("carl", "it works"), "ana replied to carl: it works"),
    (
        e.Edited("New title", None, "shop", FrozenMap({"team": "db"})),
        'ana edited title "New title", service shop, labels team=db',
    ),
    (
        e.MomentCorrected(Moment.DETECTED, None, START - minutes(1)),
        "ana set when it was detected to 02:29:00+00:00",
    ),
    (
        e.MomentCorrected(Moment.AWARE, START, START - minutes(1), "log"),
        "ana corrected when somebody was aware of it to 02:29:00+00:00 (was 02:30:00+00:00): log",
    ),
    (
        e.MomentCorrected(Moment.CAUSE_IDENTIFIED, None, START),
        "ana set when its cause was identified to 02:30:00+00:00",
    ),
    (
        e.Linked(LinkKind.CAUSED_BY, "problem/9", "PRB-1"),
        "ana linked it: caused by PRB-1",
    ),
    (
        e.Unlinked(LinkKind.RELATED, "incident/2", "INC-2"),
        "ana unlinked it: no longer related to INC-2",
    ),
    (e.AlertJoined("a", "disk full"), 'alert "disk full" joined'),
    (e.AlertCleared("a", "disk full"), 'alert "disk full" cleared'),
    (e.AlertRefired("a", "disk full"), 'alert "disk full" fired again'),
    (
        e.ReportJoined("carl", "no orders", "since 8", "dora", "Graz", "+43"),
        'carl for dora reported "no orders" at Graz: since 8',
    ),
    (e.PageQueued("d1", "ana", "sms", 2), "ana is paged on sms (round 2)"),
    (e.PageQueued("d1", "ana", "sms", 0), "ana is paged on sms (beside the rounds)"),
    (e.PageWithheld(1), "nobody is paged (round 1)"),
    (
        e.PagingPlanned(1, SOON),
        "pages again at 03:00:00+00:00 unless somebody acknowledges",
    ),
    (e.PagingPlanned(3, None), "round 3 of pages is the last"),
    (
        e.NoticeQueued("customers", "We are on it.", 2),
        "notice to customers queued (2 messages): We are on it.",
    ),
    (
        e.DeliverySettled("d1", MessageKind.PAGE, "ana", "sms", "refused", "no number"),
        "page to ana on sms was refused (no number)",
    ),
    (
        e.DeliverySettled("d1", MessageKind.PAGE, "ana", "sms", "delayed", "5 failures"),
        "page to ana on sms is held up: the channel is failing (5 failures)",
    ),
    (
        e.PageBundled("ana", "sms", 4, 1),
        "ana is not paged once more on sms (round 4): 1 page waits there already",
    ),
    (
        e.PageBundled("ana", "sms", 0, 3),
        "ana is not paged once more on sms (beside the rounds): 3 pages wait there already",
    ),
    (e.ClockMoved(CLOCK), "target resolve is running, due 03:00:00+00:00"),
    (
        e.ClockMoved(attrs.evolve(CLOCK, state=ClockState.PAUSED, due_at=None)),
        "target resolve is paused, no due time while the hold lasts",
    ),
    (
        e.ClockMoved(attrs.evolve(CLOCK, state=ClockState.DORMANT, due_at=None)),
        "target resolve begins once the candidate is accepted",
    ),
    (
        e.ClockMoved(attrs.evolve(CLOCK, state=ClockState.STOPPED, stopped_at=SOON + minutes(90))),
        "target resolve ended: missed by 1h30m, due 03:00:00+00:00",
    ),
    (
        e.ClockMoved(attrs.evolve(CLOCK, state=ClockState.STOPPED, stopped_at=SOON)),
        "target resolve ended: met 0s before 03:00:00+00:00",
    ),
    (
        e.ClockMoved(attrs.evolve(CLOCK, state=ClockState.STOPPED, due_at=None, stopped_at=SOON)),
        "target resolve ended: it has no due time",
    ),
    (
        e.ClockMoved(attrs.evolve(CLOCK, state=ClockState.CANCELLED)),
        "target resolve no longer applies",
    ),
    (
        e.ClockWarned("resolve", SOON),
        "target resolve is close to its end, due 03:00:00+00:00",
    ),
    (e.ClockBreached("resolve", START), "target resolve was missed, due 02:30:00+00:00"),
    (
        e.PriorityReturned(Priority.P1, "the visit is over"),
        "ana gave the priority, P1 by hand, back to the rules: the visit is over",
    ),
    (
        e.PriorityQuestioned(Priority.P4, Priority.P2, "INC-2, which is the same, was P2"),
        "the priority P4 is in question: INC-2, which is the same, was P2",
    ),
    (
        e.PriorityQuestioned(Priority.P4, Priority.P1),
        "the priority P4 set by hand is in question: as it is rated now it would be P1",
    ),
    (
        p.ProblemRaised("9", "PRB-1", "Pool leaks", "", "shop", "", None),
        'ana raised the problem PRB-1 "Pool leaks" on shop',
    ),
    (p.ProblemMoved(ProblemState.ANALYSING), "ana began to analyse it"),
    (
        p.ProblemMoved(ProblemState.DUPLICATE, "duplicate of PRB-2"),
        "ana cancelled it: duplicate of PRB-2",
    ),
    (
        p.FixBegun(ProblemState.FIXING, cause="", workaround="restart"),
        "ana began to fix it; cause not stated; workaround: restart",
    ),
    (
        p.VerificationBegun(ProblemState.VERIFYING, until=SOON, criterion="no 502"),
        "ana began to verify the fix until 03:00:00+00:00: no 502",
    ),
    (p.ProblemResolved(ProblemState.RESOLVED, remedy="patched"), "ana resolved it: patched"),
    (
        p.RiskAccepted(ProblemState.RISK_ACCEPTED, "too dear", expires_at=SOON),
        "ana accepted the risk until 03:00:00+00:00: too dear",
    ),
    (
        p.ProblemLinked(Link(LinkKind.CAUSES, "incident/1", "INC-1")),
        "ana linked it: causes INC-1",
    ),
    (
        p.ProblemUnlinked(Link(LinkKind.CAUSES, "incident/1", "INC-1")),
        "ana unlinked it: no longer causes INC-1",
    ),
    (a.Automated("VIP", ("start", "note text=hi")), 'the rule "VIP" fired: start, note text=hi'),
    (
        a.Automated("VIP", ("start",), dry_run=True),
        'the rule "VIP" would have done this, but runs dry: start',
    ),
    (a.AutomationPutOff("VIP", SOON), 'the rule "VIP" fired and waits until 03:00:00+00:00'),
    (a.AutomationSkipped("VIP", "too late"), 'the rule "VIP" did nothing: too late'),
    (
        a.AutomationFailed("VIP", "resume", "it is new"),
        'the rule "VIP" did nothing: resume was refused: it is new',
    ),
    (
        r.ReviewOpened("7", "REV-1", "1", "INC-1", "x", "bob", RUNS),
        "ana opened the review REV-1 of INC-1, owned by bob, due 03:00:00+00:00",
    ),
    (
        r.ReviewOpened("7", "REV-1", "1", "INC-1", "x", None, None),
        "ana opened the review REV-1 of INC-1",
    ),
    (r.ReviewEdited("lessons", "be warm", "ana"), 'ana wrote the section "lessons": be warm'),
    (r.ReviewEdited("lessons", "", "ana"), 'ana took away the section "lessons"'),
    (r.ReviewAssigned("bob", None), "ana made bob the owner (was nobody)"),
    (r.ReviewMoved(ReviewState.DRAFT, "too short"), "ana made it a draft again: too short"),
    (r.ReviewMoved(ReviewState.PUBLISHED), "ana published it"),
    (r.ReviewWarned(SOON), "it is due 03:00:00+00:00"),
    (r.ReviewOverdue(SOON), "it was due 03:00:00+00:00 and is not published"),
    (
        r.FollowUpAdded("F1", "Warm it", "cy", FollowUpKind.DETECTIVE, RUNS, ""),
        "ana added F1 (detective) for cy, due 03:00:00+00:00: Warm it",
    ),
    (
        r.FollowUpAdded("F1", "Warm it", None, FollowUpKind.DETECTIVE, None, ""),
        "ana added F1 (detective): Warm it",
    ),
    (
        r.FollowUpChanged("F1", "cy", RUNS, "", "agreed"),
        "ana changed F1: owner cy, due 03:00:00+00:00: agreed",
    ),
    (r.FollowUpChanged("F1", None, None, ""), "ana changed F1: owner nobody"),
    (r.FollowUpEnded("F1", FollowUpState.DONE, ""), "ana completed F1"),
    (r.FollowUpEnded("F1", FollowUpState.CANCELLED, "no use"), "ana cancelled F1: no use"),
    (r.FollowUpWarned("F1", SOON), "F1 is due 03:00:00+00:00"),
    (r.FollowUpOverdue("F1", SOON), "F1 was due 03:00:00+00:00 and is not done"),
    (r.ReviewBegun("REV-1"), "ana opened the review REV-1"),
    (r.ReviewFinished("REV-1", ReviewState.WAIVED), "the review REV-1 was waived"),
    (
        p.ProblemRaised("9", "PRB-1", "Leak", "", None, "", None, "recurrence"),
        'ana raised the problem PRB-1 "Leak" (origin recurrence)',
    ),
    (
        p.VerificationBegun(ProblemState.VERIFYING, "", SOON, "quiet", "x == 1"),
        "ana began to verify the fix until 03:00:00+00:00: quiet (watching for x == 1)",
    ),
    (
        p.ProblemResolved(ProblemState.RESOLVED, "", "patched", True),
        "ana resolved it, for the fix has held: patched",
    ),
    (
        e.ProblemProposed("3 alike", ("INC-1", "INC-2")),
        "a problem is proposed: 3 alike (with INC-1, INC-2)",
    ),
    (e.ProblemProposed("a major"), "a problem is proposed: a major"),
    (
        k.ProblemEdited("Leak", "x", "db", "net", "trend", FrozenMap()),
        'ana edited it: title "Leak", summary, service db, category net, origin trend, labels',
    ),
    (k.ProblemEdited(summary="x"), "ana edited it: summary"),
    (
        k.ProblemAssigned("bob", "dba", None, "web"),
        "ana assigned it: its owner is bob, its team is dba",
    ),
    (k.ProblemAssigned(None, "web", "bob", "web"), "ana assigned it: its owner is nobody"),
    (
        k.ProblemRated("high", "low", Priority.P2),
        "ana rated it: impact high, urgency low, so it is P2",
    ),
    (
        k.ProblemRated("high", "unknown", Priority.P2, True, False, "VIP"),
        "ana rated it: impact high, urgency unknown, so it is P2, provisional: VIP",
    ),
    (
        k.ProblemRated("high", "low", Priority.P1, False, True, "VIP"),
        "ana set its priority to P1 by hand: VIP",
    ),
    (k.ProblemNoted("hm"), "ana noted: hm"),
    (
        k.ProblemMomentCorrected(ProblemMoment.FIXED, START, SOON, "the log"),
        (
            "ana corrected the instant 'fixed': 2026-03-01 03:00:00+00:00, "
            "not 2026-03-01 02:30:00+00:00: the log"
        ),
    ),
    (
        k.ProblemMomentCorrected(ProblemMoment.FIX_BEGUN, None, SOON),
        "ana corrected the instant 'fix begun': 2026-03-01 03:00:00+00:00",
    ),
    (k.CauseStated("a leak"), "ana stated the cause: a leak"),
    (k.CauseWithdrawn("a leak", "no"), 'ana withdrew the cause "a leak": no'),
    (k.WorkaroundStated("restart"), "ana stated a workaround: restart"),
    (k.WorkaroundWithdrawn("restart", "no"), 'ana withdrew the workaround "restart": no'),
    (
        k.WorkaroundCommunicated("restart"),
        "ana communicated the workaround to its incidents: restart",
    ),
    (k.FixCommunicated("tonight"), "ana communicated the fix to its incidents: tonight"),
    (
        k.FixNotHolding("incident/1", "INC-1", "it is linked"),
        "ana: the fix does not hold, as INC-1 shows: it is linked",
    ),
    (k.ChangeDone("change/1", "rel-4"), "the change rel-4 is done"),
    (k.ChangesDone(("rel-4", "CHG-9")), "all changes that resolve it are done: rel-4, CHG-9"),
    (
        k.VerificationOver(SOON),
        "the verification is over since 03:00:00+00:00; somebody must decide",
    ),
    (
        k.ProblemOwnerCalled("review_due", "bob", "look", 2),
        "ana called bob (review due; 2 messages): look",
    ),
    (
        k.ProblemOwnerCalled("review_due", "bob", "look", 0),
        "ana called bob (review due; no channel takes the message): look",
    ),
    (
        n.KnownErrorPublished("staff", "slow", "", "", SOON),
        (
            "ana published it as a known error for staff, to be reviewed by 03:00:00+00:00: slow; "
            "workaround: none yet"
        ),
    ),
    (
        n.KnownErrorPublished("staff", "slow", "wait"),
        "ana published it as a known error for staff: slow; workaround: wait",
    ),
    (
        n.KnownErrorRevised("slower", "wait", "x == 1", "all", SOON),
        (
            'ana revised the known error: symptoms, workaround "wait", how it is recognised, '
            "audience all, to be reviewed by 03:00:00+00:00"
        ),
    ),
    (n.KnownErrorRevised(symptoms="slower"), "ana revised the known error: symptoms"),
    (n.KnownErrorRetired("resolved"), "ana retired the known error: resolved"),
    (n.KnownErrorUsed("incident/1", "INC-1"), "ana used the workaround in INC-1"),
    (
        n.KnownErrorUsed("incident/1", "INC-1", True),
        "ana used the workaround in INC-1, and it worked",
    ),
    (
        n.KnownErrorUsed("incident/1", "INC-1", False, False),
        "ana said that the workaround did not work in INC-1",
    ),
    (
        n.KnownErrorReviewDue(SOON),
        "the known error was to be reviewed by 03:00:00+00:00",
    ),
    (
        rr.Absorbed(
            "incident/2",
            "INC-2",
            CancelReason.MERGED,
            ("a1", "a2"),
            1,
            ("r1",),
            (Link(LinkKind.RELATED, "incident/7", "INC-7"),),
            ("bob",),
            FrozenMap({Moment.OCCURRED: START}),
            why="the same cable",
        ),
        (
            "ana merged INC-2 into it; taken over: 2 alerts (1 firing), 1 report, 1 link, "
            "1 watcher, occurred 02:30:00+00:00: the same cable"
        ),
    ),
    (
        rr.Absorbed("incident/2", "INC-2", CancelReason.DUPLICATE, reports=("r1",)),
        "INC-2 is a duplicate; taken over: 1 report",
    ),
    (
        rr.GivenUp("incident/2", "INC-2", CancelReason.MERGED, ("a1",), why="the same cable"),
        "ana merged it into INC-2; handed over: 1 alert: the same cable",
    ),
    (
        rr.GivenUp(
            "incident/2", "INC-2", CancelReason.DUPLICATE, tasks=FrozenMap({"T1": "T3", "T2": "T4"})
        ),
        "INC-2 stands for it; handed over: 2 tasks",
    ),
    (rr.ChildTurned("incident/2", "INC-2", True), "its child INC-2 is over"),
    (rr.ChildTurned("incident/2", "INC-2", False), "its child INC-2 is open again"),
    (
        rr.GivenUp("incident/2", "INC-2", CancelReason.DUPLICATE),
        "INC-2 stands for it; handed over: nothing",
    ),
    (
        rr.Released(
            "incident/2",
            "INC-2",
            ("a1",),
            watchers=("bob",),
            moments=FrozenMap({Moment.OCCURRED: START}),
            unknown=(Moment.AWARE,),
            why="two cables",
        ),
        (
            "ana gave back to INC-2: 1 alert, 1 watcher, occurred 02:30:00+00:00 again, "
            "aware not known again: two cables"
        ),
    ),
    (
        rr.ContentsMovedIn("incident/2", "INC-2", ("a1",), 1),
        "ana moved here from INC-2: 1 alert (1 firing)",
    ),
    (
        rr.ContentsMovedOut("incident/2", "INC-2", reports=("r1", "r2")),
        "ana moved to INC-2: 2 reports",
    ),
    (rr.ReporterAnswered("eve", "it was the blue one"), "eve answered: it was the blue one"),
    (rr.ReporterAnswered("eve", "yes", "REP-1"), "eve answered about REP-1: yes"),
    (
        rr.HoldReminded("eve", 2, SOON),
        "eve is reminded (reminder 2), and is again at 03:00:00+00:00",
    ),
    (rr.HoldReminded("eve", 3, None), "eve is reminded (reminder 3)"),
    (rr.HoldReminded("", 3, None), "nobody is reminded of it any more"),
    (
        rep.ReportReceived("r1", "REP-1", "joe", "No mail", "1", "INC-1", "since 8", "eve"),
        'joe for eve reported REP-1 "No mail", which belongs to INC-1: since 8',
    ),
    (
        rep.JoinSuggested("incident/1", "INC-1"),
        "it may belong to INC-1, which is open on the same service",
    ),
    (rep.ReportMoved("2", "INC-2", "INC-1", "merged"), "ana moved it from INC-1 to INC-2: merged"),
    (rep.ReportRedacted(), "ana redacted what it said"),
    (
        rep.ReportTold("eve", 0),
        "eve is told that it is resolved, and asked whether it is",
    ),
    (rep.ResolutionConfirmed(), "ana confirmed that it is solved"),
    (rep.ResolutionRejected("no"), "ana said that it is not solved: no"),
    (AlertMoved("INC-2", "INC-1"), "ana moved it from INC-1 to INC-2"),
    (
        h.RowImported("log", "A1", 2, "Active", FrozenMap({"notify": "no"}), None, "cy"),
        'ana saved it in log (row 2): status "Active", reporter cy, notify no',
    ),
    (
        h.RowImported("log", "A1", 3, figures=Figures(1, 3, False)),
        (
            "ana saved it in log (row 3): reopened once so far, reassigned 3 times so far, "
            "its SLA missed"
        ),
    ),
    (h.RowImported("log", "A1", 4), "ana saved it in log (row 4)"),
    (
        h.Imported(State.IN_PROGRESS, State.CLOSED, "Closed -> Active"),
        (
            "ana moved it to in progress (Closed -> Active), "
            "which the life-cycle does not have from closed"
        ),
    ),
    (
        h.Imported(State.ON_HOLD, State.CLOSED, "Closed -> Waiting", "vendor", "ACME"),
        (
            "ana moved it to on hold, vendor, waiting for ACME (Closed -> Waiting), "
            "which the life-cycle does not have from closed"
        ),
    ),
]


GOLDEN += [
    (
        major_changes.MajorProposed("many call", "", SOON),
        "ana proposed it as a major incident, to be answered by 03:00:00+00:00: many call",
    ),
    (
        major_changes.MajorProposed("", "every P1", None),
        'ana proposed it as a major incident by the rule "every P1"',
    ),
    (major_changes.MajorAccepted("it is"), "ana accepted it as a major incident: it is"),
    (
        major_changes.MajorAccepted("", "hospital"),
        'ana accepted it as a major incident by the rule "hospital"',
    ),
    (
        major_changes.MajorAccepted("nobody answered by noon", "major.silence"),
        "ana accepted it as a major incident: nobody answered by noon",
    ),
    (major_changes.MajorRejected("a test"), "ana rejected it as a major incident: a test"),
    (major_changes.MajorStoodDown(""), "ana stood the major incident down"),
    (
        major_changes.MajorDemoted("one desk only"),
        "ana demoted it: no major incident after all: one desk only",
    ),
    (
        major_changes.MajorUnanswered(),
        "nobody answered in time whether it is a major incident",
    ),
    (
        major_changes.MajorStaffing(("commander", "communications"), SOON),
        (
            "nobody holds the roles commander, communications of the major incident, "
            "an alarm from 03:00:00+00:00"
        ),
    ),
    (
        major_changes.MajorStaffing(("commander",), None),
        "nobody holds the role commander of the major incident",
    ),
    (
        major_changes.MajorStaffing((), None),
        "no role of the major incident is missing any more",
    ),
    (
        major_changes.MajorUnstaffed(("commander",)),
        "for too long nobody has held the role commander of the major incident",
    ),
    (
        public_changes.PublicStated(PublicState.INVESTIGATING, None, "We look into it."),
        "ana told the public: investigating: We look into it.",
    ),
    (
        public_changes.PublicStated(PublicState.MONITORING, PublicState.IDENTIFIED),
        "ana told the public: monitoring (was identified)",
    ),
    (
        region_changes.RegionMoved("security", "eradicate", "contain", "contained", "isolated"),
        "ana moved security from contain to eradicate (contained): isolated",
    ),
    (
        handover_changes.HandoverOffered("commander", "ana", "bob"),
        "ana offered the role commander to bob",
    ),
    (
        handover_changes.HandoverOffered("commander", "bob", "cy"),
        "ana offered the role commander of bob to cy",
    ),
    (
        handover_changes.HandoverBriefed("commander", "bob", "all is quiet"),
        "ana briefed bob for the role commander: all is quiet",
    ),
    (
        handover_changes.HandoverAccepted("commander", "bob", "ana", lease=True),
        "ana took over the role commander and the acknowledgement from bob",
    ),
    (
        handover_changes.HandoverAccepted("scribe", "bob", "ana"),
        "ana took over the role scribe from bob",
    ),
    (
        handover_changes.HandoverDeclined("scribe", "ana", "asleep"),
        "ana declined the role scribe: asleep",
    ),
    (
        handover_changes.HandoverWithdrawn("scribe", "bob"),
        "ana withdrew the offer of the role scribe to bob",
    ),
    (
        incident_task_changes.TaskAdded(
            IncidentTask("T2", "Tell the board", assignee="bob", due_at=SOON, depends_on=("T1",))
        ),
        'task T2 "Tell the board", for bob, due 03:00:00+00:00, after T1',
    ),
    (
        incident_task_changes.TaskAdded(IncidentTask("T1", "Open the bridge")),
        'task T1 "Open the bridge"',
    ),
    (incident_task_changes.TaskStarted("T1"), "ana started task T1"),
    (
        incident_task_changes.TaskCompleted("T1", "ana", "bridge 7"),
        "ana completed task T1: bridge 7",
    ),
    (
        incident_task_changes.TaskCancelled("T1", "no bridge"),
        "ana cancelled task T1: no bridge",
    ),
    (
        incident_task_changes.TaskAssigned("T1", "bob", SOON),
        "ana assigned task T1 to bob, due 03:00:00+00:00",
    ),
    (
        incident_task_changes.TaskAssigned("T1", None, None),
        "ana assigned task T1 to nobody",
    ),
    (incident_task_changes.TaskReopened("T1", "again"), "ana reopened task T1: again"),
    (
        incident_task_changes.TaskOverdue("T1", "Open the bridge", "bob", START),
        "task T1 of bob is late, due 02:30:00+00:00: Open the bridge",
    ),
    (
        incident_task_changes.TaskOverdue("T1", "Open the bridge", None, START),
        "task T1 is late, due 02:30:00+00:00: Open the bridge",
    ),
    (
        incident_task_changes.ChecklistAttached("majors", 2),
        'ana attached the checklist "majors" (2 tasks)',
    ),
    (
        custody_changes.LegalHoldPlaced("claim 7", "ana"),
        "ana placed a legal hold: claim 7",
    ),
    (
        privacy_changes.PrivacySet("an employee is concerned", ("legal", "hr")),
        "ana made it private and admitted legal, hr: an employee is concerned",
    ),
    (privacy_changes.PrivacySet("a case"), "ana made it private: a case"),
    (privacy_changes.PrivacyLifted("settled"), "ana lifted its privacy: settled"),
    (
        privacy_changes.GlassBroken("ana", SOON, "nobody answers"),
        "ana broke the glass and may see it until 03:00:00+00:00: nobody answers",
    ),
    (
        privacy_changes.GlassBroken("eve", SOON, ""),
        "eve broke the glass and may see it until 03:00:00+00:00",
    ),
    (admission.Admitted("legal"), "legal came to have to do with it"),
    (admission.RecordRead("timeline", "TLP:RED"), "ana read it under TLP:RED (timeline)"),
    (custody_changes.LegalHoldLifted("settled"), "ana lifted the legal hold: settled"),
    (custody_changes.Redacted((3,), "a name"), "ana redacted entry 3: a name"),
    (custody_changes.Redacted((3, 4), "names"), "ana redacted entries 3, 4: names"),
    (
        custody_changes.AutoClosePlanned(SOON),
        "it closes by itself at 03:00:00+00:00 unless something changes",
    ),
    (
        custody_changes.AutoClosePlanned(None, "major: accepted"),
        "it will not close by itself: major: accepted",
    ),
    *DOSSIER,
]


@pytest.mark.parametrize(("event", "sentence"), GOLDEN, ids=lambda x: type(x).__name__)
def test_the_sentences(event: Event, sentence: str) -> None:
    assert line(entry(event)).text == sentence


def test_every_event_is_among_them() -> None:
    told = {type(event) for event, _ in (*GOLDEN, *PLANNED, *HOSTING)}
    assert told == set(ALL)


def test_a_line_prints_with_its_instant_and_offset() -> None:
    shown = line(entry(e.Acknowledged("ana", SOON), seq=7))
    assert str(shown) == "2026-03-01 02:30:00+00:00  ana acknowledged (until 03:00:00+00:00)"
    assert (shown.by, shown.seq, shown.kind) == ("ana", 7, "acknowledged")


def test_who_acted_for_whom() -> None:
    assert line(entry(e.Started(), on_behalf_of="bob")).text == "ana for bob started work"
    passed_on = entry(e.Started(), by="system", on_behalf_of="bob")
    assert line(passed_on).text == "bob via system started work"
    assert line(entry(e.Assigned("bob", None), on_behalf_of="bob")).text == "ana for bob took it on"


def test_an_instant_is_short_only_within_its_own_day_and_zone() -> None:
    vienna = timezone(timedelta(hours=1))
    assert near(SOON, START) == "03:00:00+00:00"
    assert near(START + timedelta(days=1), START) == "2026-03-02 02:30:00+00:00"
    assert near(SOON.astimezone(vienna), START) == "2026-03-01 04:00:00+01:00"


def test_redacted_entries_say_so() -> None:
    (shown,) = timeline(redact([entry(e.Noted("a secret"), seq=3)]))
    assert str(shown) == "2026-03-01 02:30:00+00:00  this entry was redacted (noted)"
    assert (shown.by, shown.seq) == ("", 3)


def test_other_events_are_named() -> None:
    shown = line(entry(AlertJudged("join", "INC-1"), by="system"))
    assert shown.text == "system: alert judged"


def test_a_story_reads_well() -> None:
    texts = [shown.text for shown in timeline(long_story().entries)]
    assert texts[:9] == [
        'ana declared INC-1 "Checkout answers 502" on checkout',
        "ana rated it: impact high, urgency high",
        "ana took it on",
        "the priority is P1: impact high x urgency high",
        "target acknowledge is running, due 02:45:00+00:00",
        "target resolve is running, due 06:30:00+00:00",
        "ana is paged on sms (round 1)",
        "pages again at 02:35:00+00:00 unless somebody acknowledges",
        "notice to stakeholders queued (1 message): INC-1 (P1, new): Checkout answers 502",
    ]
    assert "bob via system mitigated it: service restored" in texts
    assert "ana for bob replied to carl: it works again" in texts


def test_withheld_pages_name_the_priority() -> None:
    story = Story().declare(impact="low")
    assert "nobody is paged at P3 (round 1)" in [x.text for x in timeline(story.entries)]


def test_a_problem_reads_well() -> None:
    story = (
        ProblemStory().do(p.Fix("PRB-1", cause="leak")).do(p.ResolveProblem("PRB-1", remedy="x"))
    )
    assert [str(x).partition("  ")[2] for x in timeline(story.entries)] == [
        'bob raised the problem PRB-1 "Connection pool leaks" on checkout',
        "bob linked it: causes INC-1",
        "bob began to fix it; cause: leak",
        "bob resolved it: x",
    ]


def test_reasons_are_not_repeated() -> None:
    for shown in timeline(long_story().entries):
        assert "policy" not in shown.text
        assert "cells" not in shown.text


def test_a_note_ends_somewhere() -> None:
    shown = line(entry(e.Noted("x" * 60_000))).text
    assert len(shown) < 600
    assert shown.endswith("... (59500 more characters)")


# --- any event with any text ----------------------------------------------------------------------

NASTY = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="\n\r\t\x0b\x1b\u2028\u202e\u2066a |`#<", max_size=40),
)
INSTANTS = st.integers(-(10**9), 10**9).map(lambda x: START + timedelta(seconds=x))


def texts() -> st.SearchStrategy[str]:
    return NASTY.map(lambda x: x.replace("\0", "").encode("utf-8", "ignore").decode())


@cache
def filled(hint: Any, field: str = "") -> st.SearchStrategy[Any]:
    """Any value of an event's field."""
    if hint is str:
        return texts()
    if hint is datetime:
        return INSTANTS
    if hint is bool:
        return st.booleans()
    if hint is int:
        return st.integers(0, 10_000)
    if hint is Card:
        return texts().map(lambda x: Card(f"t{x}"))
    if hint is Clock:
        return st.builds(
            Clock,
            st.just("resolve"),
            st.sampled_from(ClockState),
            st.none() | INSTANTS,
            st.none() | INSTANTS,
            stopped_at=st.none() | INSTANTS,
            pauses=st.just((Interval(START),)),
        )
    if hint is Link:
        return st.builds(Link, st.sampled_from(LinkKind), texts(), texts())
    if inspect.isclass(hint) and issubclass(hint, str):
        return st.sampled_from(list(hint))  # type: ignore[call-overload]
    if hint is IncidentTask:
        return st.builds(waiting, texts(), texts())
    if hint is Interval:
        return st.sampled_from([Interval(START), Interval(START, SOON)])
    if hint is Count:
        return st.sampled_from([Count(), Count(7, Certainty.ESTIMATED, "a b")])
    if field == "value":
        return texts() | st.none() | st.integers() | st.lists(texts(), max_size=3).map(tuple)
    if get_origin(hint) is tuple:
        return st.lists(filled(get_args(hint)[0], field), max_size=3).map(tuple)
    if attrs.has(hint):
        hints = get_type_hints(hint, localns={"Plain": str})
        fields = {y.name: filled(hints[y.name], y.name) for y in attrs.fields(hint)}
        return st.builds(unchecked(hint), **fields)
    if get_origin(hint) is FrozenMap:
        key, value = (
            filled(each) if each in (str, datetime) else texts() for each in get_args(hint)
        )
        return st.dictionaries(key, value, max_size=3).map(FrozenMap)
    return st.one_of([st.none() if x is type(None) else filled(x, field) for x in get_args(hint)])


def waiting(text: str, after: str) -> IncidentTask:
    """A task after one of any name."""
    task = IncidentTask("T1", f"t{text}")
    object.__setattr__(task, "depends_on", (after,))
    return task


def unchecked(cls: Any) -> Callable[..., Any]:
    """Makes values that no desk would let in: a sentence must be harmless all the same."""

    def make(**given: Any) -> Any:
        value = object.__new__(cls)
        for key, each in given.items():
            object.__setattr__(value, key, each)
        return value

    return make


@cache
def built(cls: type[Event]) -> st.SearchStrategy[Event]:
    if not attrs.has(cls):
        return st.just(cls())
    hints, make = get_type_hints(cls), cast("Callable[..., Event]", cls)
    return st.builds(make, **{x.name: filled(hints[x.name], x.name) for x in attrs.fields(cls)})


@given(st.sampled_from(ALL).flatmap(built), texts(), texts())
@example(privacy_changes.PrivacySet("", ("\x1f",)), "", "")
def test_every_entry_is_one_line(event: Event, by: str, behalf: str) -> None:
    (shown,) = timeline([entry(event, by=by, on_behalf_of=behalf)])
    assert shown.text.strip()
    assert len(str(shown).splitlines()) == 1
    assert all(x.isprintable() or x in "\u200c\u200d" for x in str(shown))


@given(st.sampled_from(ALL).flatmap(built))
def test_redacted_entries_tell_nothing(event: Event) -> None:
    (shown,) = timeline(redact([entry(event)]))
    assert shown.text.startswith("this entry was redacted (")


def test_commands_of_a_story_are_told_in_order() -> None:
    story = Story().declare().do(c.AddNote("INC-1", text="x")).do(c.AddNote("INC-1", text="y"))
    seqs = [x.seq for x in timeline(story.entries)]
    assert seqs == sorted(seqs) == list(range(1, len(seqs) + 1))
