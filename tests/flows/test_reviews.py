"""Reviews in the desk: opened by people or by the policy, reminded of, read by everybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import (
    AddFollowUp,
    ApproveReview,
    CompleteFollowUp,
    EditReviewSection,
    LinkTo,
    ManualTime,
    MessageKind,
    OpenReview,
    PublishReview,
    Section,
    SubmitReview,
    Unlink,
    WaiveReview,
    to_html,
    to_json,
    to_markdown,
)
from incidentkit.errors import InvalidValue, NotFound, TransitionNotAllowed, VersionMismatch
from incidentkit.flows.reviews import has_open_review
from tests.flows import world
from tests.flows.world import URGENT

Open = Callable[..., Any]
DAY = timedelta(days=1)


class Learning:
    """A resolved incident of ana's, and people who want to learn from it."""

    def __init__(self, open_desk: Open, url: str = "memory:", **policy: Any) -> None:
        self.time = ManualTime()
        self.mail = world.pager("mail", MessageKind.NOTICE, MessageKind.PAGE)
        given = {"notices": [], **policy}
        self.desk = open_desk(url, time=self.time, channels={"mail": self.mail}, policy=given)
        self.desk.declare(
            "Ana's pool ran dry", service="checkout", assign="ana", **URGENT, by="joe"
        )
        self.desk.note("INC-1", "joe@example.org is furious", by="ana")
        self.time.move(hours=1)
        self.desk.resolve("INC-1", code="fixed", remedy="ana restarted db-1", by="ana")
        self.desk.run_due()

    def do(self, command: Any, by: str = "ana") -> Any:
        return self.desk.execute(command, by=by)

    def written(self) -> Learning:
        self.do(OpenReview("INC-1", owner="ana"))
        summary = "Ana and JOE saw the pool run dry. <script>alert(1)</script>\n\nIt was small."
        self.do(EditReviewSection("REV-1", Section.SUMMARY, summary, public=True))
        self.do(EditReviewSection("REV-1", Section.WENT_WELL, "bob woke up", public=False))
        self.do(
            AddFollowUp("REV-1", "Alert on the pool", "dan", self.time.now() + 3 * DAY, "detective")
        )
        return self

    def later(self, by: timedelta) -> list[tuple[str, str]]:
        before = len(self.mail.messages)
        self.time.set(self.time.now() + by)
        self.desk.run_due()
        return [(x.to, x.kind.value) for x in self.mail.messages[before:]]


@pytest.fixture
def learning(open_desk: Open, url: str) -> Learning:
    return Learning(open_desk, url)


def test_a_review_is_tied_to_its_incident_and_there_is_one(learning: Learning) -> None:
    review = learning.do(OpenReview("INC-1"))
    assert (review.ref, review.owner, review.status) == ("REV-1", "ana", "draft")
    assert world.links(learning.desk.incident("INC-1")) == {("reviewed_in", "REV-1")}
    assert world.links(review) == {("reviews", "INC-1")}
    with pytest.raises(InvalidValue, match="REV-1"):
        learning.do(OpenReview("INC-1"))
    for wrong in (OpenReview("INC-9"), SubmitReview("INC-1"), OpenReview("REV-1")):
        with pytest.raises(NotFound):
            learning.do(wrong)
    with pytest.raises(VersionMismatch):
        learning.do(SubmitReview("REV-1", if_version=9))


def test_from_draft_to_published(learning: Learning) -> None:
    learning.written()
    for command, by in ((SubmitReview, "ana"), (ApproveReview, "bob"), (PublishReview, "ana")):
        learning.do(command("REV-1"), by)
    assert learning.desk.get("REV-1").status == "published"
    with pytest.raises(TransitionNotAllowed):
        learning.do(WaiveReview("REV-1", "late"))
    (found,) = learning.desk.find_records("review", open=False).items
    assert found.ref == "REV-1"


def test_an_open_review_is_waited_for(learning: Learning) -> None:
    def waits() -> bool:
        incident = learning.desk.incident("INC-1")
        found: bool = learning.desk.run(lambda: has_open_review(incident), "looking")
        return found

    assert not waits()
    learning.do(OpenReview("INC-1"))
    assert waits()
    learning.do(WaiveReview("REV-1", "an exercise"))
    assert not waits()


def test_the_policy_opens_one_by_itself_once(open_desk: Open, url: str) -> None:
    learning = Learning(open_desk, url, review={"when": 'incident.priority == "P1"'})
    (review,) = learning.desk.find_records("review").items
    assert (review.owner, review.due_at) == ("ana", learning.time.now() + 7 * DAY)
    opened = learning.desk.journal("REV-1")[0].recorded
    assert opened.by == "system"
    learning.desk.reopen("INC-1", reason="again", by="ana")
    learning.desk.resolve("INC-1", code="fixed", remedy="again", by="ana")
    learning.desk.declare("Slow", by="joe")
    learning.desk.resolve("INC-2", code="fixed", remedy="-", by="ana")
    assert len(learning.desk.find_records("review").items) == 1


def test_owners_are_reminded_by_notices_and_never_paged(learning: Learning) -> None:
    learning.written()
    assert learning.later(2 * DAY) == [("dan", "notice")]
    assert learning.later(1 * DAY) == [("dan", "notice")]
    assert "'Alert on the pool', was due" in learning.mail.messages[-1].text
    learning.do(CompleteFollowUp("REV-1", "F1", "deployed"), "dan")
    assert learning.later(3 * DAY) == [("ana", "notice")]
    assert learning.later(1 * DAY) == [("ana", "notice")]
    assert learning.later(9 * DAY) == []
    kinds = [
        x.kind for x in learning.desk.journal("REV-1") if "warned" in x.kind or "over" in x.kind
    ]
    assert kinds == ["follow_up_warned", "follow_up_overdue", "review_warned", "review_overdue"]
    assert {x.state for x in learning.desk.deliveries("REV-1")} == {"sent"}


def test_a_link_made_at_either_end_stands_at_both(learning: Learning) -> None:
    learning.written()
    learning.desk.declare("Another", by="joe")
    learning.do(LinkTo("INC-2", "related", "REV-1"))
    learning.desk.run_due()
    assert ("related", "INC-2") in world.links(learning.desk.get("REV-1"))
    learning.do(Unlink("INC-2", "related", f"review/{learning.desk.get('REV-1').id}"))
    learning.desk.run_due()
    assert ("related", "INC-2") not in world.links(learning.desk.get("REV-1"))


# --- reading -------------------------------------------------------------------------------------


def test_the_page_has_what_people_wrote_beside_what_is_on_record(learning: Learning) -> None:
    bare = learning.desk.review("INC-1")
    assert (bare.sections, bare.follow_ups, bare.status) == ((), (), "")
    learning.written()
    found = learning.desk.review("INC-1")
    assert found == learning.desk.review("REV-1")
    assert found.status == "REV-1 is draft"
    assert [heading for heading, _ in found.sections] == ["Summary", "What went well"]
    assert found.follow_ups[0][:4] == ("F1", "Alert on the pool", "detective", "dan")
    page = to_markdown(found)
    assert "## Summary\n\nAna and JOE saw" in page
    assert "<script>" not in page
    assert "bob woke up" in page
    with pytest.raises(NotFound):
        learning.desk.review("INC-9")


def test_the_public_version_names_nobody_and_tells_no_note(learning: Learning) -> None:
    with pytest.raises(NotFound, match="of INC-1"):
        learning.desk.public_review("INC-1")
    learning.written()
    found = learning.desk.public_review("REV-1")
    assert found == learning.desk.public_review("INC-1")
    for page in (to_markdown(found), to_html(found), to_json(found)):
        for secret in ("ana", "joe", "bob", "dan", "furious", "restarted", "db-1", "Decisions"):
            assert secret not in page.lower().replace("manage", ""), secret
        assert "The incident was resolved." in page
        assert "The responder and a member of staff saw the pool" in page
    assert [x.text for x in found.timeline] == [
        "The incident was declared.",
        "The incident was resolved.",
    ]
    assert dict(found.facts)["Restored after"] == "1h"


def test_html_stands_alone_and_obeys_nobody(learning: Learning) -> None:
    learning.written()
    for found in (learning.desk.review("INC-1"), learning.desk.public_review("INC-1")):
        page = to_html(found)
        assert page.startswith("<!doctype html>")
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert "http://" not in page
        assert "https://" not in page
        assert page.count("<section>") == page.count("</section>") > 2


def test_json_says_every_field(learning: Learning) -> None:
    learning.written()
    found = learning.desk.review("INC-1")
    document = json.loads(to_json(found))
    assert document["ref"] == "INC-1"
    assert document["timeline"][0]["at"] == found.timeline[0].at.isoformat()
    assert document["follow_ups"][0][0] == "F1"
    assert document["public"] is False
