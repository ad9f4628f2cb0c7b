"""Silences: what may be silenced, for how long, and which alerts are held back by what."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.errors import ConditionError, InvalidValue, MissingFields, TransitionNotAllowed
from incidentkit.model import incident_events as e
from incidentkit.model import silence as s
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.record_events import AlertsReleased
from incidentkit.model.signals import Alert
from incidentkit.model.suppressions import Holder
from incidentkit.model.words import AlertSeverity, AlertStatus, SilenceState
from incidentkit.rules.communicate import Audience
from incidentkit.rules.lead_time import short_notice
from incidentkit.rules.record_terms import SilenceTerms
from incidentkit.rules.rerun import rerun
from incidentkit.rules.silence import (
    allowed,
    begun,
    birth,
    decide,
    evolve,
    holder,
    wake,
    wakes_at,
)
from incidentkit.rules.suppress_alerts import held_back
from tests.rules.builders import START, at, minutes

CHECKOUT = 'service == "checkout"'


def ask(condition: str = CHECKOUT, **given_: Any) -> s.SilenceBegun:
    fields = {"until": at(60), "reason": "known and harmless", **given_}
    return begun("1", "SIL-1", s.SilenceAlerts(condition, **fields), START, "ana", SilenceTerms())


def silence(state: SilenceState = SilenceState.ACTIVE) -> s.Silence:
    found = birth(ask(), START)
    return found if state is SilenceState.ACTIVE else evolve(found, s.SilenceEnded("-"), at(5))


def test_a_silence_says_until_when_and_why() -> None:
    assert (ask().owner, ask().starts_at, ask().until) == ("ana", START, at(60))
    assert ask(starts_at=at(10)).starts_at == at(10)
    assert (silence().title, silence().status, silence().held) == (
        "known and harmless",
        SilenceState.ACTIVE,
        0,
    )


@pytest.mark.parametrize(
    ("condition", "given_", "error", "said"),
    [
        (CHECKOUT, {"until": None}, MissingFields, "until"),
        (CHECKOUT, {"reason": " "}, MissingFields, "reason"),
        (CHECKOUT, {"until": START}, InvalidValue, "in the future"),
        (CHECKOUT, {"starts_at": at(90)}, InvalidValue, "after the start"),
        (CHECKOUT, {"until": at(60 * 24 * 31)}, InvalidValue, "at most 30 days"),
        ("true", {}, InvalidValue, "every alert"),
        ("service ==", {}, ConditionError, "service"),
    ],
)
def test_a_silence_that_cannot_be_is_refused(
    condition: str, given_: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        ask(condition, **given_)


def test_it_is_ended_once() -> None:
    end = s.EndSilence("SIL-1", "mended")
    assert decide(silence(), end, at(5)) == (s.SilenceEnded("mended"),)
    ended = silence(SilenceState.ENDED)
    assert (ended.state, ended.since) == (SilenceState.ENDED, at(5))
    with pytest.raises(TransitionNotAllowed):
        decide(ended, end, at(6))
    with pytest.raises(TransitionNotAllowed):
        decide(silence(), s.SilenceAlerts(CHECKOUT), at(6))
    assert [allowed(x) for x in SilenceState] == [("end_silence",), ()]


def test_time_ends_it_and_then_its_alerts_are_owed() -> None:
    assert wakes_at(silence()) == at(60)
    assert wake(silence(), at(59)) == ()
    assert wake(silence(), at(60)) == (s.SilenceEnded(),)
    ended = evolve(silence(), s.SilenceEnded(), at(60))
    assert wake(ended, at(61)) == ()
    assert wakes_at(ended) == at(60)
    more = evolve(ended, AlertsReleased(200, 0, True), at(61))
    assert wakes_at(more) == at(60)
    done = evolve(more, AlertsReleased(1, 4), at(61))
    assert (wakes_at(done), done.held) == (None, 205)
    assert evolve(done, e.Noted("-"), at(62)).version == done.version + 1


def test_it_holds_back_while_it_lasts() -> None:
    found = holder(silence())
    assert found is not None
    assert (found.name, found.start, found.until) == ("silence/1", START, at(60))
    assert holder(silence(SilenceState.ENDED)) is None


# --- alerts --------------------------------------------------------------------------------------

ALERT = Alert(
    "am",
    "k",
    AlertStatus.FIRING,
    "DbDown",
    AlertSeverity.CRITICAL,
    service="checkout",
    labels=FrozenMap({"component": "db-1", "alertname": "DbDown"}),
)
SILENCE = Holder("silence/1", "SIL-1", START, at(60), CHECKOUT)
WORK = Holder(
    "maintenance/2",
    "MNT-2",
    START,
    at(60),
    'labels.alertname == "DbDown"',
    ("checkout",),
    ("db-2",),
)


def by(*holders: Holder, when: float = 10, raised: bool = False, **alert: Any) -> str:
    found = held_back(attrs.evolve(ALERT, **alert), holders, at(when), raised=raised)
    if found is None:
        return ""
    which, reason = found
    assert rerun(reason) == reason.outcome == "suppress"
    return which.ref


def test_the_first_that_holds_is_named() -> None:
    assert by(SILENCE, WORK) == "SIL-1"
    assert by(WORK, SILENCE) == "MNT-2"
    assert by() == ""


def test_only_from_the_start_to_the_end() -> None:
    assert [by(SILENCE, when=x) for x in (-1, 0, 59, 60)] == ["", "SIL-1", "SIL-1", ""]


def test_a_silence_goes_by_its_condition_alone() -> None:
    assert by(SILENCE, service="search") == ""
    assert by(SILENCE, service=None) == "", "unknown is not true"
    assert by(SILENCE, raised=True) == "SIL-1"


def test_maintenance_holds_back_what_it_names_and_expects() -> None:
    assert by(WORK, service="search") == "", "another service pages"
    other = FrozenMap({"alertname": "CertExpires"})
    assert by(WORK, labels=other) == "", "another kind of alert pages"
    on_component = FrozenMap({"alertname": "DbDown", "component": "db-2"})
    assert by(WORK, service=None, labels=on_component) == "MNT-2"
    assert by(attrs.evolve(WORK, services=(), components=())) == "", "it names nothing"


def test_maintenance_leaves_alone_what_people_work_on() -> None:
    assert by(WORK, raised=True) == ""


@given(
    st.integers(-10, 70),
    st.sampled_from(["checkout", "search", None]),
    st.sampled_from(["DbDown", "CertExpires"]),
    st.booleans(),
)
def test_held_back_exactly_when_all_of_it_is_true(
    when: int, service: str | None, name: str, raised: bool
) -> None:
    labels = FrozenMap({"alertname": name, "component": "db-1"})
    expected = 0 <= when < 60 and service == "checkout" and name == "DbDown" and not raised
    found = by(WORK, when=when, service=service, labels=labels, raised=raised)
    assert bool(found) is expected


def test_a_reason_without_facts_or_names_holds_nothing() -> None:
    found = held_back(ALERT, (WORK,), at(1), raised=False)
    assert found is not None
    for changed in ({"services": "", "components": ""}, {"facts": ""}, {"at": at(99).isoformat()}):
        assert rerun(found[1], **changed) == ""


# --- lead times ----------------------------------------------------------------------------------


def test_who_would_hear_too_late_is_named() -> None:
    soon = Audience("staff", ("all",), "", minutes(30))
    week = Audience("customers", ("all",), "", minutes(7 * 24 * 60))
    whenever = Audience("public", ("all",))
    found = short_notice(at(60), START, (soon, week, whenever))
    assert [(x.audience, x.owed, x.left) for x, _ in found] == [
        ("customers", minutes(7 * 24 * 60), minutes(60))
    ]
    assert short_notice(at(-5), START, (soon,))[0][0].left == minutes(0)
