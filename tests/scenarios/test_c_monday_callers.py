"""Situation C, the half of the incidents: thirty people cannot log in on a Monday.

Told here: one incident for all who call, what stays inside and what goes out, a wait that the
caller's answer ends, yes and no to the resolution, an end without a known cause, and what the desk
suggests. `test_c_problem_half.py` tells how a problem, a known error and a verified fix come of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import (
    Alertmanager,
    Analyse,
    ConfirmResolution,
    Fix,
    ManualTime,
    PublishKnownError,
    RaiseProblem,
    RejectResolution,
    ReviseKnownError,
    SetLabel,
    rerun,
)
from incidentkit.errors import MissingFields
from incidentkit.views.suggestions import because
from tests.flows import world

Open = Callable[..., Any]
HOUSE: dict[str, Any] = {
    "paging": {"fallback": "duty"},
    "reports": {"join": "join", "within": "2h"},
    "major": {"duty": "duty"},
    "notices": [],
}


class Counter:
    """A service desk on a Monday, its time and its post."""

    def __init__(self, open_desk: Open, url: str) -> None:
        self.time, self.post = ManualTime(), world.pager("post")
        self.desk = open_desk(
            url,
            time=self.time,
            channels={"post": self.post},
            sources=[Alertmanager("am")],
            policy=HOUSE,
        )

    def calls(self, caller: str, title: str = "Login takes a minute") -> str:
        return str(self.desk.report(title, reporter=caller, service="login").ref)

    def heard(self) -> dict[str, list[str]]:
        """Who was told what so far, apart from pages."""
        self.desk.run_due()
        found: dict[str, list[str]] = {}
        for message in self.post.messages:
            if message.kind == "notice":
                found.setdefault(message.party, []).append(message.text)
        return found


@pytest.fixture
def counter(open_desk: Open, url: str) -> Counter:
    return Counter(open_desk, url)


CALLERS = tuple(f"caller-{n}" for n in range(30))


def test_thirty_callers_are_one_incident_and_each_of_them_is_told(counter: Counter) -> None:
    assert {counter.calls(caller) for caller in CALLERS} == {"INC-1"}
    desk = counter.desk
    assert (desk.count(), desk.incident("INC-1").ties.reports) == (1, 30)
    assert [x.ref for x in desk.reports("INC-1")] == [f"REP-{n}" for n in range(1, 31)]
    told = desk.explain("INC-1", "reports")
    assert "30 reports" in told.answer
    assert all(rerun(x) == x.outcome == "join INC-1" for x in told.reasons)
    desk.resolve("INC-1", code="workaround", remedy="the second gateway", by="ana")
    heard = counter.heard()
    assert set(heard) == set(CALLERS)
    assert {len(texts) for texts in heard.values()} == {1}
    assert "the second gateway" in heard["caller-7"][0]


def test_one_confirms_and_one_says_no_and_that_reopens_it(counter: Counter) -> None:
    for caller in CALLERS[:3]:
        counter.calls(caller)
    desk = counter.desk
    desk.resolve("INC-1", code="workaround", remedy="the second gateway", by="ana")
    counter.heard()
    assert desk.execute(ConfirmResolution("REP-1", text="thanks"), by="caller-0").state == (
        "confirmed"
    )
    assert desk.incident("INC-1").status == "resolved"
    desk.execute(RejectResolution("REP-2", reason="still a minute"), by="caller-1")
    inc = desk.incident("INC-1")
    assert (inc.status, inc.life.reopened) == ("in_progress", 1)
    assert any("still a minute" in x.text for x in desk.timeline("INC-1"))
    desk.resolve("INC-1", code="fixed", remedy="more sessions", by="ana")
    since = counter.time.now() - timedelta(days=1)
    counter.time.move(hours=1)
    assert desk.metrics(since=since)["reopened_within_7_days"].n == 1


def test_a_note_stays_inside_and_a_reply_goes_out(counter: Counter) -> None:
    for caller in CALLERS[:2]:
        counter.calls(caller)
    counter.desk.note("INC-1", "the session table again", by="ana")
    assert counter.heard() == {}
    counter.desk.reply("INC-1", "Please use the second gateway.", by="ana")
    texts = ["Please use the second gateway."]
    assert counter.heard() == {"caller-0": texts, "caller-1": texts}
    assert any("the session table again" in x.text for x in counter.desk.timeline("INC-1"))


def test_the_callers_answer_ends_the_wait_for_them(counter: Counter) -> None:
    counter.calls("caller-0")
    desk = counter.desk
    desk.start("INC-1", by="ana")
    desk.reply("INC-1", "Which gateway do you see?", by="ana")
    counter.heard()
    question = counter.post.messages[-1]
    inc = desk.hold("INC-1", reason="caller", court="caller-0", by="ana")
    assert inc.status == "on_hold"
    assert dict(desk.overview().counted("court").values) == {"caller-0": 1}
    desk.note("INC-1", "nothing yet", by="ana")
    assert desk.incident("INC-1").status == "on_hold"
    answer = {"type": "note", "token": question.answer_token, "text": "gateway 1"}
    desk.receive("post", json.dumps(answer))
    assert desk.incident("INC-1").status == "in_progress"
    assert any("gateway 1" in x.text for x in desk.timeline("INC-1"))


def test_it_ends_without_a_known_cause_but_not_without_a_remedy(counter: Counter) -> None:
    counter.calls("caller-0")
    with pytest.raises(MissingFields, match="remedy"):
        counter.desk.resolve("INC-1", code="workaround", remedy="")
    inc = counter.desk.resolve("INC-1", code="workaround", remedy="waited until ten", by="ana")
    assert inc.status == "resolved"
    assert not inc.dossier.findings.causes
    page = counter.desk.review("INC-1")
    assert dict(page.remedy) == {"Code": "workaround", "Remedy": "waited until ten"}
    assert page.problems == ()


def test_a_major_without_a_problem_proposes_one(counter: Counter) -> None:
    desk = counter.desk
    desk.declare("Nobody can log in", service="login", **world.URGENT)
    counter.time.move(minutes=15)
    desk.run_due()
    desk.run_due()
    assert desk.incident("INC-1").dossier.overlays.major == "accepted"
    desk.resolve("INC-1", code="workaround", remedy="restarted", by="ana")
    (entry,) = [x for x in desk.journal("INC-1") if x.kind == "problem_proposed"]
    assert rerun(entry.recorded.reason) == entry.recorded.reason.outcome
    assert any("a problem is proposed" in x.text for x in desk.timeline("INC-1"))


# --- what may help --------------------------------------------------------------------------------


def monday(counter: Counter) -> str:
    """The third Monday; what is known are two before, a known error, and a change of yesterday."""
    desk = counter.desk
    for _ in range(2):
        counter.time.move(days=7)
        ref = counter.calls("carl", "Login takes a minute on Mondays")
        desk.resolve(ref, code="workaround", remedy="waited until ten", by="ana")
    desk.execute(RaiseProblem("Login takes a minute on Mondays", incident="INC-1", owner="bo"))
    desk.execute(Analyse("PRB-1"))
    desk.execute(PublishKnownError("PRB-1", symptoms="login takes a minute"))
    counter.time.move(days=6, hours=12)
    release = {"type": "change", "key": "CHG-9", "title": "Gateway release", "service": "login"}
    body = release | {"at": counter.time.now().isoformat()}
    assert not desk.receive("generic", json.dumps(body)).rejected
    counter.time.move(hours=12)
    desk.declare("Login takes a minute for the warehouse", service="login")
    return counter.calls("dora", "Login takes a minute on Mondays, again")


def test_what_may_help_is_scored_and_explained(counter: Counter) -> None:
    ref = monday(counter)
    desk = counter.desk
    assert desk.suggest("INC-3").known_errors[0].advice == "", "published before there is a way out"
    desk.execute(ReviseKnownError("PRB-1", workaround="use the second gateway"))
    found = desk.suggest("INC-3")
    assert ref in {"INC-3", "INC-4"}
    (known,) = found.known_errors
    assert (known.ref, known.advice) == ("PRB-1", "use the second gateway")
    assert {x.ref for x in (*found.recurrences, *found.similar)} >= {"INC-1", "INC-2"}
    assert [x.ref for x in found.changes] == ["CHG-9"]
    for each in found.all:
        assert 0 < each.score <= 1000
        assert rerun(each.reason) == each.score
        assert because(each.reason)
    desk.execute(Fix("PRB-1", cause="the session table is rebuilt on Mondays"))
    assert [x.ref for x in desk.suggest("INC-3").known_errors] == ["PRB-1"], (
        "also while it is fixed"
    )


def test_what_stands_under_a_stricter_label_is_not_suggested(counter: Counter) -> None:
    monday(counter)
    desk = counter.desk

    def others() -> set[str]:
        found = desk.suggest("INC-3")
        return {x.ref for x in (*found.recurrences, *found.similar)}

    assert {"INC-1", "INC-2"} <= others()
    desk.execute(SetLabel("INC-1", "red", ("insiders",)))
    assert "INC-1" not in others()
    assert "INC-2" in others()
    desk.execute(SetLabel("INC-3", "red", ("insiders",)))
    assert {"INC-1", "INC-2"} <= others()
