"""Every event has a sentence, and it is the one people need."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any, cast, get_args, get_origin, get_type_hints

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.codec.journal import EVENTS
from incidentkit.model import attachment_changes as att
from incidentkit.model import automation as a
from incidentkit.model import fact_changes as x
from incidentkit.model import findings_changes as f
from incidentkit.model import impact_changes as i
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import problem as p
from incidentkit.model import review_changes as r
from incidentkit.model import scope_changes as s
from incidentkit.model.affected import Affected, Thing
from incidentkit.model.alert import AlertJudged
from incidentkit.model.attachments import Attachment, Custody
from incidentkit.model.causes import Cause, CausePart
from incidentkit.model.clock import Clock
from incidentkit.model.decisions import Decision
from incidentkit.model.facts import Confidence, Fact
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.hypotheses import Hypothesis, HypothesisState
from incidentkit.model.impact import Certainty, Count, ImpactAssessment, ImpactInterval, Place
from incidentkit.model.incident import Card, Link
from incidentkit.model.journal import Event
from incidentkit.model.labels import Label, Tlp
from incidentkit.model.organisations import Organisation, OrganisationKind
from incidentkit.model.references import Reference
from incidentkit.model.review import FollowUpKind, FollowUpState, ReviewState
from incidentkit.model.words import (
    CancelReason,
    ClockState,
    LinkKind,
    MessageKind,
    Moment,
    Outcome,
    Priority,
    ProblemState,
    State,
)
from incidentkit.model.workarounds import Effective, Workaround
from incidentkit.rules.beyond import every_part
from incidentkit.timing.intervals import Interval
from incidentkit.views.text import near
from incidentkit.views.timeline import SENTENCES, line, timeline
from tests.views.story import START, ProblemStory, Story, entry, long_story, minutes, redact


def events_of(module: Any) -> set[type[Event]]:
    return {
        cls
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, Event) and cls is not Event and cls.__module__ == module.__name__
    }


BEYOND = {event for part in every_part() for event in part.evolve}
ALL = sorted(events_of(e) | events_of(p) | events_of(r) | BEYOND, key=lambda cls: cls.__name__)


def test_every_event_has_a_sentence() -> None:
    assert set(SENTENCES) == set(ALL)
    stored = {name for name, place in EVENTS.items() if ".incident_events:" in place}
    assert len(events_of(e)) == len(stored)


SOON = START + minutes(30)
CLOCK = Clock("resolve", ClockState.RUNNING, START, SOON)

SPELL = ImpactInterval("I1", Place.COMPONENT, "db", "down", Interval(START, SOON))
FILE = Attachment(
    "A1", "sha256:0a", "0a" * 32, 5, "text/plain", "syslog", None, (Custody("ana", START),)
)

RUNS = Clock("review", ClockState.RUNNING, SOON, SOON)
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
    (e.StatusStated("Open", "Paused"), 'ana set the status "Open" (was Paused)'),
    (e.RoleTaken("commander", "ana", "bob"), "ana took the role commander (was bob)"),
    (e.RoleTaken("commander", "bob", None), "ana gave the role commander to bob"),
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
        "ana corrected when it was detected to 02:29:00+00:00 (was not known)",
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
        s.AspectStated("privacy", FrozenMap({"records": "names"}), primary=True),
        "ana stated the aspect privacy, its primary one: records=names",
    ),
    (s.AspectStated("safety", FrozenMap(), primary=False), "ana stated the aspect safety"),
    (
        s.AspectDropped("privacy", "safety", "no names in it"),
        "ana dropped the aspect privacy (safety is the primary one): no names in it",
    ),
    (s.AspectDropped("safety", "", ""), "ana dropped the aspect safety"),
    (
        s.AffectedMarked(Affected(Thing.SERVICE, "shop", certain=False, note="perhaps")),
        "ana: the service shop could be affected: perhaps",
    ),
    (s.AffectedMarked(Affected(Thing.ASSET, "srv")), "ana: the asset srv is affected"),
    (s.AffectedCleared(Thing.ASSET, "srv", ""), "ana: the asset srv is not affected"),
    (
        s.OrganisationInvolved(Organisation("ACME", OrganisationKind.SUPPLIER, "processor")),
        "ana involved ACME (supplier) as processor",
    ),
    (s.OrganisationInvolved(Organisation("CERT")), "ana involved CERT (other)"),
    (
        s.OrganisationReleased("ACME", "processor", "an error"),
        "ana released ACME as processor: an error",
    ),
    (s.OrganisationReleased("CERT", "", ""), "ana released CERT"),
    (
        s.ReferenceAdded(Reference("jira", "OPS-1", "https://jira.example/1", "The ticket")),
        "ana added the reference jira OPS-1 (https://jira.example/1): The ticket",
    ),
    (s.ReferenceAdded(Reference("slack", "#inc")), "ana added the reference slack #inc"),
    (s.ReferenceRemoved("slack", "#inc", "closed"), "ana removed the reference slack #inc: closed"),
    (
        s.LabelSet(Label(Tlp.RED, ("legal",)), None, ""),
        "ana raised the label to TLP:RED (legal) (was no label)",
    ),
    (
        s.LabelSet(Label(Tlp.CLEAR), Label(Tlp.RED), "published"),
        "ana lowered the label to TLP:CLEAR (was TLP:RED): published",
    ),
    (
        i.ImpactAssessed(
            ImpactAssessment("data", "major", "the archive", Count(7, Certainty.ESTIMATED, "files"))
        ),
        "ana assessed the impact on data major (about 7 files): the archive",
    ),
    (i.ImpactAssessed(ImpactAssessment("people")), "ana assessed the impact on people unknown"),
    (i.ImpactWithdrawn("data", "no data"), "ana withdrew the impact on data: no data"),
    (
        i.ImpactIntervalRecorded(SPELL),
        "ana recorded I1: the component db down from 02:30:00+00:00 until 03:00:00+00:00",
    ),
    (
        i.ImpactIntervalRecorded(attrs.evolve(SPELL, interval=Interval(START), note="failover")),
        "ana recorded I1: the component db down from 02:30:00+00:00: failover",
    ),
    (
        i.ImpactIntervalCorrected(
            attrs.evolve(SPELL, level="slow", interval=Interval(START - minutes(5))), SPELL, "logs"
        ),
        (
            "ana corrected I1, the component db: slow (was down), from 02:25:00+00:00 (was "
            "02:30:00+00:00), still impaired (was 03:00:00+00:00): logs"
        ),
    ),
    (
        i.ImpactIntervalCorrected(SPELL, attrs.evolve(SPELL, interval=Interval(START)), ""),
        "ana corrected I1, the component db: until 03:00:00+00:00",
    ),
    (
        i.ImpactIntervalWithdrawn("I1", "another place"),
        "ana withdrew the impact interval I1: another place",
    ),
    (
        x.FactAsserted(Fact("lost", "int", 7, START)),
        "ana asserted lost = 7 (confidence medium)",
    ),
    (
        x.FactAsserted(
            Fact(
                "lost",
                "int",
                None,
                START - minutes(1),
                START - minutes(5),
                "logs",
                Confidence.HIGH,
                Label(Tlp.RED),
            )
        ),
        (
            "ana asserted lost is not known any more (of 02:25:00+00:00, known since "
            "02:29:00+00:00, source logs, confidence high, TLP:RED)"
        ),
    ),
    (
        f.HypothesisProposed(Hypothesis("H2", "the pool leaks", "ana", START, "H1")),
        "ana proposed H2 (why H1): the pool leaks",
    ),
    (
        f.HypothesisJudged("H1", HypothesisState.REFUTED, "the pool is full", "ana"),
        "ana: H1 is refuted: the pool is full",
    ),
    (
        f.CauseNamed(Cause("C1", "no limit", "process", CausePart.ROOT)),
        "ana named the root cause C1, process: no limit",
    ),
    (
        f.CauseNamed(Cause("C2", "no review", explains="C1")),
        "ana named the contributing cause C2 (why C1): no review",
    ),
    (f.CauseConfirmed("C1", "ana", ""), "ana confirmed the cause C1"),
    (f.CauseRejected("C1", "ana", "not deployed"), "ana rejected the cause C1: not deployed"),
    (
        f.WorkaroundOffered(Workaround("W1", "restart it", "PRB-7")),
        "ana offered the workaround W1 from PRB-7: restart it",
    ),
    (f.WorkaroundJudged("W1", Effective.NO), "ana: the workaround W1 does not help"),
    (f.WorkaroundDropped("W1", "it hurts"), "ana withdrew the workaround W1: it hurts"),
    (
        f.DecisionRecorded(
            Decision("D2", "Notifiable?", "No.", "nothing left", "ana", START, negative=True), "D1"
        ),
        "ana decided against it (D2, instead of D1): Notifiable? No.; because nothing left",
    ),
    (
        f.DecisionRecorded(Decision("D1", "Fail over?", "Yes.", "it is faster", "ana", START)),
        "ana decided (D1): Fail over? Yes.; because it is faster",
    ),
    (
        att.Attached(FILE),
        "ana attached A1 syslog (text/plain, 5 bytes, sha-256 0a0a0a0a0a0a)",
    ),
    (
        att.Attached(attrs.evolve(FILE, label=Label(Tlp.RED), custody=(Custody("bob", START),))),
        "ana attached A1 syslog (text/plain, 5 bytes, sha-256 0a0a0a0a0a0a, TLP:RED), held by bob",
    ),
    (
        att.AttachmentHandedOver("A1", "bob", "ana", "with the key"),
        "ana handed A1 over to bob (was with ana): with the key",
    ),
    (
        att.AttachmentLabelled("A1", Label(Tlp.GREEN), Label(Tlp.RED), "blacked out"),
        "ana set the label of A1 to TLP:GREEN (was TLP:RED): blacked out",
    ),
    (att.AttachmentWithdrawn("A1", "another case"), "ana withdrew the attachment A1: another case"),
]


@pytest.mark.parametrize(("event", "sentence"), GOLDEN, ids=lambda x: type(x).__name__)
def test_the_sentences(event: Event, sentence: str) -> None:
    assert line(entry(event)).text == sentence


def test_every_event_is_among_them() -> None:
    assert {type(event) for event, _ in GOLDEN} == set(ALL)


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
    if hint is Interval:
        return st.sampled_from([Interval(START), Interval(START, SOON)])
    if hint is Count:
        return st.sampled_from([Count(), Count(7, Certainty.ESTIMATED, "a b")])
    if field == "value":
        return texts() | st.none() | st.integers() | st.lists(texts(), max_size=3).map(tuple)
    if get_origin(hint) is tuple:
        return st.lists(filled(get_args(hint)[0]), max_size=3).map(tuple)
    if attrs.has(hint):
        hints = get_type_hints(hint, localns={"Plain": str})
        fields = {y.name: filled(hints[y.name], y.name) for y in attrs.fields(hint)}
        return st.builds(unchecked(hint), **fields)
    if get_origin(hint) is FrozenMap:
        return st.dictionaries(texts(), texts(), max_size=3).map(FrozenMap)
    return st.one_of([st.none() if x is type(None) else filled(x, field) for x in get_args(hint)])


def unchecked(cls: Any) -> Callable[..., Any]:
    """Makes values that no desk would let in: a sentence must be harmless all the same."""

    def make(**given: Any) -> Any:
        value = object.__new__(cls)
        for key, each in given.items():
            object.__setattr__(value, key, each)
        return value

    return make


def built(cls: type[Event]) -> st.SearchStrategy[Event]:
    if not attrs.has(cls):
        return st.just(cls())
    hints, make = get_type_hints(cls), cast("Callable[..., Event]", cls)
    return st.builds(make, **{x.name: filled(hints[x.name], x.name) for x in attrs.fields(cls)})


@given(st.sampled_from(ALL).flatmap(built), texts(), texts())
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
