"""Silences in the desk: alerts are held, pages rest, nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidentkit import (
    Alertmanager,
    ApproveMaintenance,
    CompleteMaintenance,
    EndSilence,
    ManualTime,
    MessageKind,
    PlanMaintenance,
    SilenceAlerts,
    StartMaintenance,
    rerun,
)
from incidentkit.errors import (
    ConditionError,
    InvalidValue,
    NotFound,
    TransitionNotAllowed,
    VersionMismatch,
)
from incidentkit.flows.kinds import SUPPRESSIONS
from tests.flows import world
from tests.flows.world import alert, cleared, payload

Open = Callable[..., Any]
NOISY = 'labels.alertname == "Noisy"'


class Silent:
    """A desk with a pager, and a ticket system that hears of everything."""

    def __init__(self, open_desk: Open, url: str = "memory:", **policy: Any) -> None:
        self.time, self.sms = ManualTime(), world.pager("sms", MessageKind.PAGE)
        self.ticket = world.pager("ticket", MessageKind.SYNC)
        self.desk = open_desk(
            url,
            time=self.time,
            channels={"sms": self.sms, "ticket": self.ticket},
            sources=[Alertmanager("am")],
            policy={"sync": "ticket", "paging": {"fallback": "boss"}, **policy},
        )

    def silence(self, when: str = NOISY, **by: float) -> Any:
        until = self.time.now() + timedelta(**(by or {"hours": 1}))
        return self.desk.execute(SilenceAlerts(when, until=until, reason="known"), by="ana")

    def fires(self, *names: str, **more: Any) -> Any:
        found = [self.desk.receive("am", payload(alert(x, **more), group=x)) for x in names]
        self.desk.run_due()
        return found[-1]

    def clears(self, name: str) -> None:
        self.desk.receive("am", payload(cleared(name), group=name))
        self.desk.run_due()

    def later(self, **by: float) -> None:
        self.time.move(**by)
        self.desk.run_due()


@pytest.fixture
def silent(open_desk: Open, url: str) -> Silent:
    return Silent(open_desk, url)


def test_what_is_silent_opens_nothing_and_what_is_not_pages(silent: Silent) -> None:
    assert silent.silence().ref == "SIL-1"
    assert silent.fires("Noisy").opened == ()
    assert silent.fires("Other").opened == ("INC-1",)
    (held,) = silent.desk.find_records("alert", held=f"silence/{silent.desk.get('SIL-1').id}").items
    judged = world.entries(silent.desk, "alert", held.id)[-1].recorded
    assert judged is not None
    assert judged.reason is not None
    assert rerun(judged.reason) == "suppress"
    assert rerun(judged.reason, at=silent.time.now().replace(year=2099).isoformat()) == ""


def test_at_its_end_what_fires_is_decided_again(silent: Silent) -> None:
    silent.silence()
    silent.fires("Noisy")
    silent.later(minutes=59)
    assert silent.desk.find().items == ()
    silent.later(minutes=1)
    (incident,) = silent.desk.find().items
    assert (incident.title, incident.ties.firing) == ("Noisy is bad", 1)
    assert world.said(silent.sms) == ["boss"]
    ended = silent.desk.get("SIL-1")
    assert (ended.status, ended.held, ended.release_at) == ("ended", 1, None)
    assert silent.desk.run_due() is not None, "only the incident has something to ring for"
    silent.clears("Noisy")
    assert silent.desk.incident(incident.ref).ties.firing == 0


def test_what_cleared_meanwhile_is_counted_and_opens_nothing(silent: Silent) -> None:
    silent.silence()
    silent.fires("Noisy")
    silent.clears("Noisy")
    silent.later(hours=1)
    assert silent.desk.find().items == ()
    ended = silent.desk.get("SIL-1")
    assert (ended.released, ended.cleared) == (0, 1)


def test_it_can_be_ended_before_its_time_once(silent: Silent) -> None:
    silent.silence()
    silent.fires("Noisy")
    with pytest.raises(VersionMismatch):
        silent.desk.execute(EndSilence("SIL-1", if_version=9))
    silent.desk.execute(EndSilence("SIL-1", reason="mended"), by="bob")
    silent.desk.run_due()
    assert len(silent.desk.find().items) == 1
    with pytest.raises(TransitionNotAllowed):
        silent.desk.execute(EndSilence("SIL-1"))
    with pytest.raises(NotFound):
        silent.desk.execute(EndSilence("INC-1"))


def test_one_that_begins_later_holds_nothing_before(silent: Silent) -> None:
    now = silent.time.now()
    silent.desk.execute(
        SilenceAlerts(
            NOISY,
            starts_at=now + timedelta(hours=1),
            until=now + timedelta(hours=2),
            reason="a test at ten",
        )
    )
    assert silent.fires("Noisy").opened == ("INC-1",)


def test_two_that_overlap_hold_until_the_last_has_ended(silent: Silent) -> None:
    silent.silence(minutes=30)
    silent.silence('labels.severity == "critical"', minutes=90)
    silent.fires("Noisy")
    silent.later(minutes=30)
    assert silent.desk.find().items == ()
    silent.later(minutes=60)
    assert len(silent.desk.find().items) == 1


def test_a_silence_of_everything_or_of_an_unknown_fact_is_refused(silent: Silent) -> None:
    for when, error in (("true", InvalidValue), ('sevrity == "low"', ConditionError)):
        with pytest.raises(error):
            silent.silence(when)
    assert world.records(silent.desk, SUPPRESSIONS) == ()


def test_a_tenant_that_holds_nothing_back_never_looks(silent: Silent) -> None:
    silent.silence()
    (record,) = world.records(silent.desk, SUPPRESSIONS)
    assert [x.ref for x in record.holders] == ["SIL-1"]
    silent.later(hours=1)
    (record,) = world.records(silent.desk, SUPPRESSIONS)
    assert record.holders == ()
    silent.silence(minutes=5)
    assert silent.fires("Noisy").opened == ()


# --- incidents that are there already ------------------------------------------------------------


def test_pages_rest_while_all_that_fires_is_silent_and_go_on_at_the_end(silent: Silent) -> None:
    silent.fires("Noisy")
    assert world.said(silent.sms) == ["boss"]
    silent.silence(minutes=20)
    synced = len(silent.ticket.messages)
    silent.later(minutes=5)
    silent.later(minutes=5)
    assert world.said(silent.sms) == ["boss"], "the second round rests"
    assert "silenced by SIL-1" in silent.desk.explain("INC-1", "paging").lines[-2]
    silent.desk.start("INC-1", by="ana")
    silent.desk.run_due()
    assert len(silent.ticket.messages) > synced, "a silence never stops a sync"
    silent.later(minutes=10)
    assert world.said(silent.sms) == ["boss", "boss"]


def test_pages_go_on_when_something_else_fires_in_the_incident(silent: Silent) -> None:
    silent.fires("Noisy")
    silent.silence(hours=2)
    silent.desk.receive("am", payload(alert("Other"), group="Noisy"))
    silent.later(minutes=5)
    assert world.said(silent.sms) == ["boss", "boss"]


def test_ending_it_early_wakes_the_ladder(silent: Silent) -> None:
    silent.fires("Noisy", "Other")
    silent.silence(hours=2)
    silent.later(minutes=5)
    said = world.said(silent.sms)
    silent.desk.execute(EndSilence("SIL-1"))
    silent.desk.run_due()
    assert len(world.said(silent.sms)) == len(said) + 1
    assert silent.sms.messages[-1].ref == "INC-1"


def test_maintenance_does_not_quieten_an_incident(silent: Silent) -> None:
    silent.fires("Noisy")
    planned(silent)
    silent.later(minutes=5)
    assert world.said(silent.sms) == ["boss", "boss"]


# --- many, and at once ---------------------------------------------------------------------------


def planned(silent: Silent, **more: Any) -> str:
    now = silent.time.now()
    given = {"start": now, "end": now + timedelta(hours=1), "services": ("checkout",), **more}
    ref: str = silent.desk.execute(PlanMaintenance("Upgrade", **given), by="ana").ref
    silent.desk.execute(ApproveMaintenance(ref), by="bob")
    silent.desk.execute(StartMaintenance(ref), by="ana")
    return ref


def test_more_than_one_commit_holds_are_let_go_one_after_the_other(open_desk: Open) -> None:
    silent = Silent(open_desk)
    ref = planned(silent)
    many = [alert(f"a{number}", severity="warning") for number in range(450)]
    silent.desk.receive("am", payload(*many))
    silent.desk.execute(CompleteMaintenance(ref))
    silent.desk.run_due()
    work = silent.desk.get(ref)
    assert (work.released, work.release_at) == (450, None)
    rounds = [x for x in silent.desk.journal(ref) if x.kind == "alerts_released"]
    assert len(rounds) == 3
    assert silent.desk.find_records("alert", held=f"maintenance/{work.id}").items == ()


def test_what_another_holds_back_stays_held_at_the_end(silent: Silent) -> None:
    ref = planned(silent)
    silent.fires("Noisy")
    silent.silence()
    silent.desk.execute(CompleteMaintenance(ref))
    silent.desk.run_due()
    assert silent.desk.find().items == ()
    (record,) = world.alerts(silent.desk).values()
    assert record.held_by.startswith("silence/")


def test_an_alert_judged_while_it_ends_is_judged_anew(open_desk: Open) -> None:
    """The end and the alert meet: whoever commits second must look again."""
    from tests.desk.stores import Wrapped

    class Ending(Wrapped):
        """Ends the silence just before the first payload is committed."""

        armed = False

        def commit(self, batch: Any) -> Any:
            if self.armed:
                self.armed = False
                other.execute(EndSilence("SIL-1"))
            return self.inner.commit(batch)

    from incidentkit import Desk

    store = Ending()
    silent = Silent(lambda _, **given: open_desk(store=store, **given))
    other = Desk.open(store=store.inner, time=silent.time, channels={"sms": silent.sms})
    silent.silence()
    store.armed = True
    received = silent.desk.receive("am", payload(alert("Noisy")))
    assert received.opened == ("INC-1",)
    other.disconnect()
