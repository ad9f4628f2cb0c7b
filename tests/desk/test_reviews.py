"""Reviews on a desk: opened by policy or by hand, written, approved, followed up, made public."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import incidentkit as ik
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]
POLICY: dict[str, Any] = {
    "review": {"when": 'incident.priority == "P1"', "public": ["summary"]},
    "paging": {"priorities": []},
}


def opened(open_desk: Open, url: str) -> tuple[Any, Any, Any]:
    time, sms = ik.ManualTime(), world.pager("mail", ik.MessageKind.NOTICE, ik.MessageKind.PAGE)
    desk = open_desk(url, time=time, channels={"mail": sms}, policy=POLICY)
    return desk, time, sms


def resolved(desk: Any) -> Any:
    desk.declare("Checkout <b>down</b>", owner="ana", **URGENT)
    return desk.resolve("INC-1", code="fixed", remedy="rolled back", by="bo")


def test_a_resolved_incident_owes_one_review(open_desk: Open, url: str) -> None:
    desk, _, sms = opened(open_desk, url)
    incident = resolved(desk)
    review = desk.get("REV-1")
    assert (review.state.value, review.owner, review.incident_ref) == ("draft", "ana", "INC-1")
    assert incident.dossier.reviews == ("REV-1",)
    assert review.clock.due_at - review.since == timedelta(days=5)
    desk.reopen("INC-1", reason="again")
    desk.resolve("INC-1", code="fixed", remedy="rolled back again")
    assert len(desk.find_reviews().items) == 1
    desk.run_due()
    assert [x.text for x in sms.messages if x.to == "ana"] == ["you owe the review REV-1 (INC-1)"]
    (entry,) = [x for x in desk.journal("REV-1") if x.kind == "review_opened"]
    assert entry.recorded.reason.rule == "review.owed"


def test_what_owes_none_gets_none(open_desk: Open, url: str) -> None:
    desk, _, _ = opened(open_desk, url)
    desk.declare("A scratch", impact="low", urgency="low")
    desk.resolve("INC-1", code="fixed", remedy="polished")
    assert desk.find_reviews().items == ()


def test_from_a_draft_to_the_public(open_desk: Open, url: str) -> None:
    desk, _, _ = opened(open_desk, url)
    resolved(desk)
    do = desk.execute
    do(ik.EditReview("REV-1", "summary", "A cache was cold.\nIt is warm now."), by="ana")
    do(ik.EditReview("REV-1", "lessons", "Warm caches <script>."), by="ana")
    do(ik.AddFollowUp("REV-1", "Warm the cache", owner="cy", kind="detective"), by="ana")
    assert "A cache was cold" not in ik.to_html(desk.review("INC-1", public=True)), "a draft"
    do(ik.SubmitReview("REV-1"), by="ana")
    with pytest.raises(ik.errors.InvalidValue, match="somebody else"):
        do(ik.ApproveReview("REV-1"), by="ana")
    do(ik.ApproveReview("REV-1"), by="bo")
    done = do(ik.PublishReview("REV-1"), by="ana")
    assert (done.state.value, done.approved_by) == ("published", "bo")
    assert desk.incident("INC-1").dossier.reviews == ()
    assert str(desk.timeline("INC-1")[-1]).endswith("the review REV-1 was published")

    page = desk.review("INC-1")
    text = ik.to_markdown(page)
    assert "## Summary\n\nA cache was cold.\n\nIt is warm now." in text
    assert "Warm caches &lt;script&gt;" in text
    assert "| F1 | Warm the cache | cy | detective |" in text
    html = ik.to_html(page)
    assert "<b>" not in html
    assert "Warm caches &lt;script&gt;." in html
    data = json.loads(ik.to_json(page))
    assert data["sections"]["summary"] == "A cache was cold.\nIt is warm now."
    assert data["record"]["Approved by"] == "bo"

    public = desk.review("INC-1", public=True)
    for shown in (ik.to_markdown(public), ik.to_html(public), ik.to_json(public)):
        assert "A cache was cold." in shown
        assert "The service was restored." not in shown, "it was resolved, never mitigated"
        assert "The incident was over." in shown
        for secret in ("ana", "bo ", "cy", "Checkout", "rolled back", "Warm caches", "F1"):
            assert secret not in shown, secret


def test_without_a_record_the_places_of_people_are_marked(open_desk: Open, url: str) -> None:
    desk, _, _ = opened(open_desk, url)
    desk.declare("A scratch", impact="low", urgency="low")
    assert "## What went well\n\n_To be filled in by people" in ik.to_markdown(desk.review("INC-1"))
    assert "Nobody has written this yet." in ik.to_html(desk.review("INC-1"))
    assert "Nobody has written" not in ik.to_html(desk.review("INC-1", public=True))


def test_a_review_by_hand_and_waived(open_desk: Open, url: str) -> None:
    desk, _, _ = opened(open_desk, url)
    desk.declare("A scratch", impact="low", urgency="low")
    review = desk.execute(ik.OpenReview("INC-1", title="What a scratch"), by="eve")
    assert (review.owner, review.title) == ("eve", "What a scratch")
    desk.execute(ik.AssignReview(review.ref, "dan"))
    desk.execute(ik.WaiveReview(review.ref, reason="a drill"))
    assert desk.incident("INC-1").dossier.reviews == ()
    assert str(desk.explain("REV-1", "priority")) == "REV-1 is a review; ask INC-1 about priority"
    told = desk.explain("REV-1", "status")
    assert told.answer.startswith("REV-1 is waived since")
    assert told.lines[-1] == "allowed next: revise review (needs reason)"


def test_time_warns_and_says_that_it_is_late(open_desk: Open, url: str) -> None:
    desk, time, sms = opened(open_desk, url)
    resolved(desk)
    desk.execute(ik.AddFollowUp("REV-1", "Warm it", owner="cy", kind="corrective"))
    for days in (4, 5, 11, 15):
        began = desk.get("REV-1").clock.started_at
        time.move(seconds=(began + timedelta(days=days) - time.now()).total_seconds())
        desk.run_due()
    kinds = [x.kind for x in desk.journal("REV-1")]
    assert kinds[-4:] == [
        "review_warned",
        "review_overdue",
        "follow_up_warned",
        "follow_up_overdue",
    ]
    texts = [x.text for x in sms.messages]
    assert any("the review REV-1 (INC-1) was due" in x for x in texts)
    assert any("F1 of REV-1 (INC-1) was due" in x for x in texts)


def test_versions_and_names_are_checked(open_desk: Open, url: str) -> None:
    desk, _, _ = opened(open_desk, url)
    resolved(desk)
    with pytest.raises(ik.errors.VersionMismatch):
        desk.execute(ik.SubmitReview("REV-1", if_version=99))
    with pytest.raises(ik.errors.NotFound):
        desk.execute(ik.SubmitReview("REV-9"))
    with pytest.raises(ik.errors.NotFound):
        desk.execute(ik.SubmitReview("INC-1"))
    with pytest.raises(ik.errors.NotFound):
        desk.execute(ik.OpenReview("INC-9"))
    with pytest.raises(ik.errors.InvalidValue, match="state"):
        desk.find_reviews(state="gone")
    with pytest.raises(ik.errors.NotFound):
        desk.problem("REV-1")


def test_a_repeat_under_one_request_opens_one_review(open_desk: Open, url: str) -> None:
    desk, _, _ = opened(open_desk, url)
    desk.declare("A scratch", impact="low", urgency="low")
    first = desk.execute(ik.OpenReview("INC-1"), request="r1")
    again = desk.execute(ik.OpenReview("INC-1"), request="r1")
    assert (first.ref, again.ref) == ("REV-1", "REV-1")
