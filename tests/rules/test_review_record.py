"""The review as a record: every state and every command, its follow-ups, and its due dates."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import (
    InvalidValue,
    MissingFields,
    NotAuthorised,
    NotFound,
    TransitionNotAllowed,
)
from incidentkit.model import incident_events as e
from incidentkit.model import review_changes as r
from incidentkit.model.incident import Link
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.people import People, RoleAssignment
from incidentkit.model.record_events import RecordLinked, RecordUnlinked
from incidentkit.model.review import Review, Section, SectionText
from incidentkit.model.words import FollowUpKind, FollowUpState, LinkKind, ReviewState
from incidentkit.rules.record_terms import ReviewTerms
from incidentkit.rules.review import REVIEW_MOVES, allowed, decide, opened, warn_at
from incidentkit.rules.review_evolve import birth, elsewhere, evolve, wake, wakes_at
from tests.rules.builders import START, at, declared, minutes
from tests.rules.tables import cells

DAY = 24 * 60
TERMS = ReviewTerms()
S = ReviewState
COMMANDS: dict[str, r.ReviewCommand] = {
    "edit": r.EditReviewSection("REV-1", Section.LESSONS, "rehearse it"),
    "assign": r.AssignReview("REV-1", "cy"),
    "submit": r.SubmitReview("REV-1"),
    "approve": r.ApproveReview("REV-1"),
    "return": r.ReturnReview("REV-1", "the impact is missing"),
    "publish": r.PublishReview("REV-1"),
    "waive": r.WaiveReview("REV-1", "an exercise"),
    "reopen": r.ReopenReview("REV-1", "a customer wrote"),
    "follow up": r.AddFollowUp("REV-1", "alert on it", "dan", at(3 * DAY), "detective"),
    "done": r.CompleteFollowUp("REV-1", "F1", "deployed"),
    "give up": r.CancelFollowUp("REV-1", "F1", "replaced in May"),
}
# . refused; = the state stays; D draft  I in review  A approved  P published  N not needed
TABLE = """
           D I A P N
edit       = = . . .
assign     = = = . .
submit     I . . . .
approve    . A . . .
return     . D D . .
publish    . . P . .
waive      N N . . .
reopen     . . . D D
follow up  = = = = .
done       = = = = =
give up    = = = = =
"""
LETTERS = dict(zip("DIAPN", S, strict=True))
CELLS = cells(TABLE, LETTERS)


def after(review: Review, *events: Event, when: float = 5) -> Review:
    for event in events:
        review = evolve(review, event, at(when))
    return review


def review(state: S = S.DRAFT) -> Review:
    """A review in a state, with a summary and one open follow-up."""
    found = birth(opened("1", "REV-1", declared(), START, TERMS, "ana"), START)
    summary = r.ReviewEdited(Section.SUMMARY, "the pool ran dry")
    (added,) = decide(found, COMMANDS["follow up"], START, "ana", TERMS)
    found = after(found, summary, added, when=0)
    submitted, approved = r.ReviewSubmitted(), r.ReviewApproved("bob")
    way: dict[S, tuple[Event, ...]] = {
        S.DRAFT: (),
        S.IN_REVIEW: (submitted,),
        S.APPROVED: (submitted, approved),
        S.PUBLISHED: (submitted, approved, r.ReviewPublished()),
        S.NOT_NEEDED: (r.ReviewWaived("-"),),
    }
    return after(found, *way[state])


def test_the_table_here_is_whole() -> None:
    assert len(CELLS) == len(COMMANDS) * len(S)
    every = {x for x in vars(r).values() if isinstance(x, type) and issubclass(x, r.ReviewCommand)}
    assert {type(x) for x in COMMANDS.values()} == every - {r.ReviewCommand, r.OpenReview}


@pytest.mark.parametrize(("name", "state", "cell"), CELLS, ids=lambda x: getattr(x, "value", x))
def test_cell(name: str, state: S, cell: str) -> None:
    before, command = review(state), COMMANDS[name]
    if cell == ".":
        with pytest.raises(TransitionNotAllowed) as caught:
            decide(before, command, at(60), "bob", TERMS)
        assert caught.value.allowed == allowed(state)
        return
    (event,) = decide(before, command, at(60), "bob", TERMS)
    now = after(before, event, when=60)
    assert now.state is (state if cell == "=" else LETTERS[cell])
    assert now.version == before.version + 1
    assert now.since == (before.since if cell == "=" else at(60))
    assert now.open is (now.state in (S.DRAFT, S.IN_REVIEW, S.APPROVED))


@pytest.mark.parametrize("state", S)
def test_what_is_allowed_is_what_the_cells_lead_to(state: S) -> None:
    leads = {COMMANDS[x].action for x, s, cell in CELLS if s is state and cell != "."}
    assert set(allowed(state)) == leads


def test_where_a_row_leads_is_told() -> None:
    told = {(move.command.action, move.to) for move in REVIEW_MOVES if move.to is not None}
    assert told == {(COMMANDS[x].action, LETTERS[c]) for x, _, c in CELLS if c not in ".="}


# --- opening -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "owner"),
    [
        (People("ana", "bob"), "ana"),
        (People(None, "bob"), "bob"),
        (People(roles=(RoleAssignment("commander", "cy", START),)), "cy"),
        (People(), None),
    ],
)
def test_who_owned_the_incident_owns_its_review(people: People, owner: str | None) -> None:
    incident = attrs.evolve(declared(), people=people)
    found = opened("1", "REV-1", incident, START, TERMS)
    assert (found.owner, found.due_at, found.warn_at) == (owner, at(7 * DAY), at(6 * DAY))
    assert found.incident == Link(LinkKind.REVIEWS, "incident/1", "INC-1")


def test_a_due_date_that_is_past_is_refused() -> None:
    with pytest.raises(InvalidValue, match="due_at"):
        opened("1", "REV-1", declared(), START, TERMS, due_at=START)
    for command in (r.AddFollowUp("REV-1", "x", due_at=START), r.AssignReview("R", due_at=START)):
        with pytest.raises(InvalidValue, match="due_at"):
            decide(review(), command, at(1), "ana", TERMS)


def test_the_reminder_is_half_way_where_little_time_is_left() -> None:
    assert warn_at(at(100), at(0), minutes(30)) == at(70)
    assert warn_at(at(20), at(0), minutes(30)) == at(10)


# --- writing -------------------------------------------------------------------------------------


def edit(before: Review, **given_: Any) -> tuple[Event, ...]:
    return decide(
        before, r.EditReviewSection("REV-1", Section.LESSONS, **given_), at(1), "a", TERMS
    )


def test_sections_keep_whether_they_are_public_until_told() -> None:
    written = after(review(), *edit(review(), text="one", public=True))
    assert written.sections[Section.LESSONS] == SectionText("one", True)
    assert edit(written, text="two") == (r.ReviewEdited(Section.LESSONS, "two", True),)
    assert edit(written, text="one") == ()
    assert edit(review(), text="one") == (r.ReviewEdited(Section.LESSONS, "one", False),)


def test_it_is_submitted_with_a_summary_only() -> None:
    bare = birth(opened("1", "REV-1", declared(), START, TERMS), START)
    with pytest.raises(MissingFields, match="summary"):
        decide(bare, COMMANDS["submit"], at(1), "ana", TERMS)
    blank = after(bare, r.ReviewEdited(Section.SUMMARY, "  "))
    with pytest.raises(MissingFields, match="summary"):
        decide(blank, COMMANDS["submit"], at(1), "ana", TERMS)


def test_its_owner_may_not_approve_it_unless_the_policy_says_so() -> None:
    with pytest.raises(NotAuthorised, match="owner"):
        decide(review(S.IN_REVIEW), COMMANDS["approve"], at(1), "ana", TERMS)
    own = ReviewTerms(own_approval=True)
    (event,) = decide(review(S.IN_REVIEW), COMMANDS["approve"], at(1), "ana", own)
    assert after(review(S.IN_REVIEW), event).approver == "ana"
    back = after(review(S.APPROVED), r.ReviewReturned("-"))
    assert (back.state, back.approver) == (S.DRAFT, None)


@pytest.mark.parametrize(
    ("state", "command", "missing"),
    [
        (S.IN_REVIEW, r.ReturnReview("REV-1"), ("reason",)),
        (S.DRAFT, r.WaiveReview("REV-1"), ("reason",)),
        (S.PUBLISHED, r.ReopenReview("REV-1"), ("reason",)),
        (S.DRAFT, r.AssignReview("REV-1"), ("owner_or_due_at",)),
        (S.DRAFT, r.AddFollowUp("REV-1"), ("title",)),
        (S.DRAFT, r.CompleteFollowUp("REV-1"), ("follow_up",)),
        (S.DRAFT, r.CancelFollowUp("REV-1", "F1"), ("reason",)),
    ],
)
def test_missing_fields_are_named(state: S, command: Command, missing: tuple[str, ...]) -> None:
    with pytest.raises(MissingFields) as caught:
        decide(review(state), command, at(1), "bob", TERMS)
    assert caught.value.fields == missing


# --- follow-ups ----------------------------------------------------------------------------------


def test_a_follow_up_has_an_id_an_owner_and_a_due_date() -> None:
    found = review().follow_up("F1")
    assert found is not None
    assert (found.title, found.owner, found.kind) == ("alert on it", "dan", FollowUpKind.DETECTIVE)
    assert (found.due_at, found.warn_at) == (at(3 * DAY), at(2 * DAY))
    (second,) = decide(review(), r.AddFollowUp("REV-1", "mend it"), at(1), "ana", TERMS)
    other = after(review(), second).follow_up("F2")
    assert other is not None
    assert (other.kind, other.due_at, other.warn_at) == (FollowUpKind.CORRECTIVE, None, None)


# O open  D done  C cancelled
@pytest.mark.parametrize(
    ("state", "command", "to"),
    [
        (FollowUpState.OPEN, "done", FollowUpState.DONE),
        (FollowUpState.OPEN, "give up", FollowUpState.CANCELLED),
        (FollowUpState.DONE, "done", None),
        (FollowUpState.DONE, "give up", None),
        (FollowUpState.CANCELLED, "done", None),
        (FollowUpState.CANCELLED, "give up", None),
    ],
)
def test_a_follow_up_ends_once(
    state: FollowUpState, command: str, to: FollowUpState | None
) -> None:
    way: dict[FollowUpState, tuple[Event, ...]] = {
        FollowUpState.OPEN: (),
        FollowUpState.DONE: (r.FollowUpDone("F1"),),
        FollowUpState.CANCELLED: (r.FollowUpCancelled("F1", "-"),),
    }
    before = after(review(), *way[state])
    if to is None:
        with pytest.raises(TransitionNotAllowed):
            decide(before, COMMANDS[command], at(9), "dan", TERMS)
        return
    now = after(before, *decide(before, COMMANDS[command], at(9), "dan", TERMS), when=9)
    found = now.follow_up("F1")
    assert found is not None
    assert (found.state, found.ended_at, found.warn_at) == (to, at(9), None)


def test_an_unknown_follow_up_is_named() -> None:
    with pytest.raises(NotFound, match=r"F9.*F1"):
        decide(review(), r.CompleteFollowUp("REV-1", "F9"), at(1), "ana", TERMS)


# --- due dates -----------------------------------------------------------------------------------


def woken(before: Review, when: float) -> Review:
    return after(before, *wake(before, at(when)), when=when)


def test_reminders_and_due_dates_come_one_after_the_other() -> None:
    now, seen = review(), list[tuple[float, str]]()
    while (next_at := wakes_at(now)) is not None:
        when = (next_at - START) / minutes(DAY)
        events = wake(now, next_at)
        assert events, "a wake that changes nothing would come for ever"
        seen += [(when, type(x).__name__) for x in events]
        now = woken(now, when * DAY)
    assert seen == [
        (2, "FollowUpWarned"),
        (3, "FollowUpOverdue"),
        (6, "ReviewWarned"),
        (7, "ReviewOverdue"),
    ]
    assert wake(now, at(99 * DAY)) == ()


def test_who_sleeps_past_both_is_told_what_is_overdue() -> None:
    names = [type(x).__name__ for x in wake(review(), at(8 * DAY))]
    assert names == ["ReviewOverdue", "FollowUpOverdue"]


def test_follow_ups_outlive_the_review() -> None:
    published = review(S.PUBLISHED)
    assert wakes_at(published) == at(2 * DAY)
    assert [type(x).__name__ for x in wake(published, at(8 * DAY))] == ["FollowUpOverdue"]
    done = after(published, r.FollowUpDone("F1"))
    assert (wakes_at(done), wake(done, at(8 * DAY))) == (None, ())


def test_another_due_date_is_waited_for_anew() -> None:
    late = woken(review(), 8 * DAY)
    assert late.overdue_at == at(8 * DAY)
    command = r.AssignReview("REV-1", due_at=at(10 * DAY))
    moved = after(late, *decide(late, command, at(8 * DAY), "ana", TERMS), when=8 * DAY)
    assert (moved.owner, moved.overdue_at, wakes_at(moved)) == ("ana", None, at(9 * DAY))
    other = after(late, *decide(late, COMMANDS["assign"], at(8 * DAY), "ana", TERMS))
    assert (other.owner, other.overdue_at) == ("cy", at(8 * DAY))


def test_a_follow_up_without_a_due_date_never_wakes() -> None:
    (added,) = decide(review(), r.AddFollowUp("REV-1", "mend it"), at(1), "ana", TERMS)
    now = after(review(S.PUBLISHED), r.FollowUpDone("F1"), added)
    assert (wakes_at(now), wake(now, at(99 * DAY))) == (None, ())


def test_links_are_told_to_the_other_end() -> None:
    link = Link(LinkKind.RELATED, "incident/2", "INC-2")
    tied = after(review(), RecordLinked(link))
    assert tied.links[-1] == link
    assert link not in after(tied, RecordUnlinked(link)).links
    assert [x.id for x in elsewhere(tied, RecordLinked(link))] == ["2"]
    assert elsewhere(tied, e.Noted("-")) == ()
    assert after(review(), e.Noted("-")).version == review().version + 1
    assert review().status is S.DRAFT


@given(st.lists(st.tuples(st.sampled_from([*COMMANDS, "wake"]), st.integers(0, DAY)), max_size=25))
def test_whatever_is_asked_the_table_holds(lives: list[tuple[str, int]]) -> None:
    now, minute = review(), 0
    for name, wait in lives:
        minute += wait
        before = now
        if name == "wake":
            now = woken(now, minute)
            assert now.state is before.state
            later = wakes_at(now)
            assert later is None or later > at(minute)
            continue
        command: Command = COMMANDS[name]
        if name == "follow up":
            command = r.AddFollowUp("REV-1", "x", due_at=at(minute + DAY))
        cell = next(c for x, s, c in CELLS if (x, s) == (name, before.state))
        try:
            now = after(now, *decide(now, command, at(minute), "bob", TERMS), when=minute)
        except TransitionNotAllowed:
            assert now is before
        else:
            assert cell != "."
            assert now.state is (before.state if cell == "=" else LETTERS[cell])
        assert [x.id for x in now.follow_ups] == [f"F{n + 1}" for n in range(len(now.follow_ups))]
