"""The life-cycle of a review and its follow-ups: every state and command, results written out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import (
    InvalidValue,
    LimitExceeded,
    MissingFields,
    NotFound,
    TransitionNotAllowed,
)
from incidentkit.lang.conditions import Condition
from incidentkit.model import review_changes as r
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident_commands import Command
from incidentkit.model.review import FollowUpState, Review, ReviewState
from incidentkit.model.words import Priority
from incidentkit.rules import review as rules
from incidentkit.rules.evolve import evolve as evolve_incident
from incidentkit.rules.owe_review import owed
from incidentkit.rules.rerun import rerun
from incidentkit.rules.review_evolve import birth, evolve, on_incident, owed_words, wake, wakes_at
from incidentkit.rules.review_terms import ReviewTerms
from incidentkit.timing.terms import Term
from tests.rules.builders import START, at, declared, rated

TERMS = ReviewTerms(
    within=Term(timedelta(days=4)),
    needs=("summary",),
    follow_up_within=FrozenMap({"corrective": Term(timedelta(days=14))}),
)
DAY = 24 * 60


def opened(**more: Any) -> Review:
    clock = rules.started("review", START, at(4 * DAY), 75)
    born = r.ReviewOpened("7", "REV-1", "1", "INC-1", "Down", "ana", clock)
    return attrs.evolve(birth(born, START), **more)


def do(review: Review, *commands: Command, when: float = 1, by: str = "bo") -> Review:
    for command in commands:
        for event in rules.decide(review, command, at(when), by, TERMS):
            review = evolve(review, event, at(when))
    return review


SUMMARY = r.EditReview("REV-1", "summary", "A cache was cold.")
ADD = r.AddFollowUp("REV-1", "Warm the cache", owner="cy", due_at=at(10 * DAY))
COMMANDS: dict[str, Command] = {
    "submit_review": r.SubmitReview("REV-1"),
    "return_review": r.ReturnReview("REV-1", reason="too short"),
    "approve_review": r.ApproveReview("REV-1"),
    "publish_review": r.PublishReview("REV-1"),
    "revise_review": r.ReviseReview("REV-1", reason="a number is wrong"),
    "waive_review": r.WaiveReview("REV-1", reason="a drill"),
    "edit_review": r.EditReview("REV-1", "lessons", "Warm caches."),
    "assign_review": r.AssignReview("REV-1", "dan"),
    "add_follow_up": ADD,
    "change_follow_up": r.ChangeFollowUp("REV-1", "F1", owner="dan"),
    "complete_follow_up": r.CompleteFollowUp("REV-1", "F1", evidence="deployed"),
    "cancel_follow_up": r.CancelFollowUp("REV-1", "F1", reason="not worth it"),
}
# D draft  I in review  A approved  P published  W waived; . refused, = stays, else where it leads.
TABLE = """
                     D I A P W
submit_review        I . . . .
return_review        . D . . .
approve_review       . A . . .
publish_review       . . P . .
revise_review        . . D D D
waive_review         W W . . .
edit_review          = = . . .
assign_review        = = . . .
add_follow_up        = = = = .
change_follow_up     = = = = .
complete_follow_up   = = = = .
cancel_follow_up     = = = = .
"""
LETTERS = dict(zip("DIAPW", ReviewState, strict=True))


def cells() -> list[tuple[str, ReviewState, str]]:
    head, *rows = TABLE.strip().splitlines()
    return [
        (row.split()[0], LETTERS[letter], cell)
        for row in rows
        for letter, cell in zip(head.split(), row.split()[1:], strict=True)
    ]


def standing(state: ReviewState) -> Review:
    return attrs.evolve(do(opened(), SUMMARY, ADD), state=state)


@pytest.mark.parametrize(("name", "state", "cell"), cells())
def test_every_cell(name: str, state: ReviewState, cell: str) -> None:
    before = standing(state)
    if cell == ".":
        with pytest.raises(TransitionNotAllowed, match=f"REV-1 is {state.value}"):
            do(before, COMMANDS[name])
        return
    after = do(before, COMMANDS[name])
    assert after.state is (state if cell == "=" else LETTERS[cell])
    assert after.version == before.version + 1


def test_the_table_here_is_whole() -> None:
    assert {move.command.action for move in rules.REVIEW_MOVES} == set(COMMANDS)
    assert len(cells()) == len(COMMANDS) * len(ReviewState)
    for move in rules.REVIEW_MOVES:
        leads = {cell for name, _, cell in cells() if name == move.command.action} - {"."}
        assert {None if x == "=" else LETTERS[x] for x in leads} == {move.to}


@pytest.mark.parametrize(
    ("review", "command", "by", "error", "said"),
    [
        (opened(), r.SubmitReview("REV-1"), "ana", MissingFields, "summary"),
        (standing(ReviewState.IN_REVIEW), r.ReturnReview("REV-1"), "bo", MissingFields, "reason"),
        (standing(ReviewState.DRAFT), r.WaiveReview("REV-1"), "bo", MissingFields, "reason"),
        (standing(ReviewState.PUBLISHED), r.ReviseReview("REV-1"), "bo", MissingFields, "reason"),
        (
            standing(ReviewState.IN_REVIEW),
            r.ApproveReview("REV-1"),
            "ana",
            InvalidValue,
            "somebody else",
        ),
        (opened(), r.EditReview("REV-1", "sumary", "x"), "ana", InvalidValue, "none of summary"),
        (opened(), r.CompleteFollowUp("REV-1", "F9"), "ana", NotFound, "F9"),
        (
            do(standing(ReviewState.DRAFT), r.CompleteFollowUp("REV-1", "F1")),
            r.CancelFollowUp("REV-1", "F1", reason="x"),
            "ana",
            TransitionNotAllowed,
            "F1 is done",
        ),
        (
            standing(ReviewState.DRAFT),
            r.CancelFollowUp("REV-1", "F1"),
            "a",
            MissingFields,
            "reason",
        ),
        (
            standing(ReviewState.DRAFT),
            r.ChangeFollowUp("REV-1", "F1", due_at=at(20 * DAY)),
            "a",
            MissingFields,
            "reason",
        ),
        (opened(), r.AddFollowUp("REV-1", "x", due_at=at(0)), "a", InvalidValue, "already past"),
    ],
)
def test_what_is_refused_and_why(
    review: Review, command: Command, by: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        do(review, command, by=by)


def test_its_owner_may_approve_where_the_policy_lets_them() -> None:
    lax = attrs.evolve(TERMS, apart=False)
    review = standing(ReviewState.IN_REVIEW)
    assert rules.decide(review, r.ApproveReview("REV-1"), at(1), "ana", lax)


def test_who_approved_is_kept_until_it_is_a_draft_again() -> None:
    approved = do(standing(ReviewState.IN_REVIEW), r.ApproveReview("REV-1"), by="bo")
    published = do(approved, r.PublishReview("REV-1"), by="ana")
    assert (approved.approved_by, published.approved_by) == ("bo", "bo")
    assert do(published, r.ReviseReview("REV-1", reason="x")).approved_by == ""


def test_saying_the_same_again_changes_nothing() -> None:
    review = standing(ReviewState.DRAFT)
    same = (SUMMARY, r.AssignReview("REV-1", "ana"), r.ChangeFollowUp("REV-1", "F1", owner="cy"))
    for command in same:
        assert rules.decide(review, command, at(2), "bo", TERMS) == ()


def test_sections_are_written_and_taken_away() -> None:
    review = do(opened(), SUMMARY, by="ana")
    assert (review.sections["summary"].by, review.sections["summary"].at) == ("ana", at(1))
    assert do(review, r.EditReview("REV-1", "summary")).sections == {}
    assert rules.decide(opened(), r.EditReview("REV-1", "lessons"), at(1), "a", TERMS) == ()


def test_a_follow_up_is_due_by_its_kind_unless_said() -> None:
    review = do(
        opened(),
        r.AddFollowUp("REV-1", "A", kind="corrective"),
        r.AddFollowUp("REV-1", "B"),
    )
    first, second = review.follow_ups
    assert first.clock is not None
    assert first.clock.due_at == at(14 * DAY + 1)
    assert (second.id, second.clock) == ("F2", None)
    changed = do(review, r.ChangeFollowUp("REV-1", "F2", due_at=at(9 * DAY), reason="agreed"))
    clock = changed.follow_ups[1].clock
    assert clock is not None
    assert clock.history == (at(9 * DAY),)


def test_a_moved_due_date_keeps_its_history() -> None:
    review = do(standing(ReviewState.DRAFT), r.ChangeFollowUp(
        "REV-1", "F1", due_at=at(20 * DAY), link="https://t/1", reason="agreed"
    ))  # fmt: skip
    (item,) = review.follow_ups
    assert item.clock is not None
    assert (item.clock.history, item.link) == ((at(10 * DAY), at(20 * DAY)), "https://t/1")


def test_there_is_an_end_to_follow_ups() -> None:
    review = opened(follow_ups=standing(ReviewState.DRAFT).follow_ups * rules.MOST_FOLLOW_UPS)
    with pytest.raises(LimitExceeded, match="200"):
        do(review, ADD)


# --- time -----------------------------------------------------------------------------------------


def woken(review: Review, when: float) -> tuple[Review, list[str]]:
    events = wake(review, at(when))
    for event in events:
        review = evolve(review, event, at(when))
    return review, [type(event).__name__ for event in events]


def test_it_warns_once_and_is_late_once() -> None:
    review = standing(ReviewState.DRAFT)
    assert wakes_at(review) == at(3 * DAY)
    review, said = woken(review, 3 * DAY)
    assert said == ["ReviewWarned"]
    assert wakes_at(review) == at(4 * DAY)
    review, said = woken(review, 9 * DAY)
    assert said == ["ReviewOverdue", "FollowUpWarned"]
    review, said = woken(review, 11 * DAY)
    assert said == ["FollowUpOverdue"]
    assert woken(review, 20 * DAY)[1] == []
    assert wakes_at(review) is None


def test_what_is_done_or_waived_rings_no_more() -> None:
    done = do(
        standing(ReviewState.DRAFT),
        r.CompleteFollowUp("REV-1", "F1", evidence="x"),
        r.WaiveReview("REV-1", reason="x"),
    )
    assert wakes_at(done) is None
    assert wake(done, at(99 * DAY)) == ()
    assert done.follow_ups[0].clock is not None
    assert done.follow_ups[0].clock.stopped_at == at(1)
    again = do(done, r.ReviseReview("REV-1", reason="after all"))
    assert wakes_at(again) == at(3 * DAY), "its clock runs on as if it had not been waived"


def test_without_terms_nothing_is_ever_due() -> None:
    review = do(opened(clock=None), r.AddFollowUp("REV-1", "A"))
    assert wakes_at(review) is None
    assert wake(review, at(99 * DAY)) == ()
    ended = do(review, r.CompleteFollowUp("REV-1", "F1"), r.WaiveReview("REV-1", reason="x"))
    assert ended.follow_ups[0].state is FollowUpState.DONE
    for event in (r.ReviewWarned(START), r.ReviewOverdue(START), r.FollowUpWarned("F9", START)):
        assert evolve(review, event, at(1)).clock is None


lives = st.lists(st.tuples(st.sampled_from(sorted(COMMANDS)), st.integers(0, 3 * DAY)), max_size=25)


@given(lives)
def test_no_life_leaves_the_table(life: list[tuple[str, int]]) -> None:
    review, now = opened(), 0.0
    table = {(name, state): cell for name, state, cell in cells()}
    for name, wait in life:
        now += wait
        before = review
        try:
            review = do(review, COMMANDS[name], when=now)
        except (TransitionNotAllowed, MissingFields, InvalidValue, NotFound):
            continue
        cell = table[name, before.state]
        assert review.state is (before.state if cell == "=" else LETTERS[cell])
        review, _ = woken(review, now)
        ids = [each.id for each in review.follow_ups]
        assert ids == [f"F{n}" for n in range(1, len(ids) + 1)]
        due: datetime | None = wakes_at(review)
        assert due is None or due > at(now)


# --- what the incident keeps, and who is told -----------------------------------------------------


def test_the_incident_knows_which_reviews_are_owed() -> None:
    incident, review = declared(), opened()
    for state, reviews in (
        (ReviewState.DRAFT, ("REV-1",)),
        (ReviewState.IN_REVIEW, ("REV-1",)),
        (ReviewState.APPROVED, ("REV-1",)),
        (ReviewState.PUBLISHED, ()),
        (ReviewState.DRAFT, ("REV-1",)),
        (ReviewState.WAIVED, ()),
    ):
        for event in on_incident(incident, attrs.evolve(review, state=state)):
            incident = evolve_incident(incident, event, at(1), "system")
        assert incident.dossier.reviews == reviews, state
        assert on_incident(incident, attrs.evolve(review, state=state)) == ()


@pytest.mark.parametrize(
    ("event", "party", "words"),
    [
        (r.ReviewOpened("7", "REV-1", "1", "INC-1", "x", "ana", None), "ana", "you owe the review"),
        (r.ReviewWarned(START), "ana", "is due 2026-03-02"),
        (r.ReviewOverdue(START), "ana", "was due 2026-03-02"),
        (r.FollowUpWarned("F1", START), "cy", "F1 of REV-1 (INC-1) is due"),
        (r.FollowUpOverdue("F1", START), "cy", ": Warm the cache"),
        (r.FollowUpOverdue("F9", START), "ana", "F9 of REV-1 (INC-1) was due"),
    ],
)
def test_whom_it_is_told(event: Any, party: str, words: str) -> None:
    told = owed_words(standing(ReviewState.DRAFT), event)
    assert told is not None
    assert told[0] == party
    assert words in told[1]


def test_a_new_follow_up_is_told_to_its_owner_and_moves_to_nobody() -> None:
    review = standing(ReviewState.DRAFT)
    (added,) = rules.decide(review, ADD, at(1), "bo", TERMS)
    assert owed_words(review, added) == ("cy", "you own F2 of REV-1 (INC-1): Warm the cache")
    assert owed_words(review, r.ReviewMoved(ReviewState.APPROVED)) is None
    assert owed_words(attrs.evolve(review, owner=None), r.ReviewWarned(START)) is None


def test_which_incidents_owe_a_review() -> None:
    when = Condition.parse('incident.priority == "P1"')
    reason = owed(rated(declared(), Priority.P1), when, "abc")
    assert reason is not None
    assert (reason.outcome, rerun(reason)) == (True, True)
    assert rerun(reason, facts=FrozenMap({"incident.priority": "P3"})) is False
    assert owed(rated(declared(), Priority.P2), when) is None
    assert owed(rated(declared(), Priority.P1), ReviewTerms().when) is None


def test_an_event_of_another_record_changes_nothing() -> None:
    review = opened()
    assert evolve(review, r.ReviewBegun("REV-1"), at(1)) == attrs.evolve(review, version=2)


def test_its_status_is_its_state() -> None:
    assert standing(ReviewState.APPROVED).status is ReviewState.APPROVED
