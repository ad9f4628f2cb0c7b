"""The response region: who has taken it on, for how long, and what undoes that."""

from __future__ import annotations

from typing import Any

import pytest

from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Attention, Incident, Lease
from incidentkit.model.words import Moment, Response, State
from incidentkit.rules.escalate import lapsed
from incidentkit.rules.evolve import evolve
from incidentkit.rules.terms import LifecycleTerms
from tests.rules.builders import TERMS, at, declared, do, standing

ACK = c.Acknowledge("INC-1")
NOTE = c.AddNote("INC-1", text="still looking")


def happen(incident: Incident, event: Any, minute: float, by: str = "system") -> Incident:
    return evolve(incident, event, at(minute), by)


def test_acknowledging_is_a_lease_of_the_hosts_length() -> None:
    held = do(declared(), ACK, 5, terms=LifecycleTerms(lease_for=at(10) - at(0)))
    assert held.life.response is Response.ACKNOWLEDGED
    assert held.attention.leases == (Lease("ana", at(5), at(15)),)
    assert held.moment(Moment.ACKNOWLEDGED) == at(5)
    assert held.moment(Moment.RESPONDED) == at(5)


def test_acknowledging_stops_the_ladder() -> None:
    paged = happen(declared(), e.PagingPlanned(1, at(5)), 0)
    assert do(paged, ACK, 2).attention.next_page_at is None
    assert do(paged, ACK, 2).attention.round == 1


@pytest.mark.parametrize(
    "command", [NOTE, c.Start("INC-1"), c.Hold("INC-1", "vendor", "ACME")], ids=lambda x: x.action
)
def test_any_command_of_the_holder_renews_the_lease(command: c.Command) -> None:
    worked = do(do(declared(), ACK, 0), command, 20)
    assert worked.attention.leases == (Lease("ana", at(20), at(50)),)


def test_nobody_renews_the_lease_of_another() -> None:
    both = do(do(declared(), ACK, 0, by="ana"), ACK, 10, by="bob")
    assert [x.holder for x in both.attention.leases] == ["ana", "bob"]
    worked = do(both, NOTE, 20, by="bob")
    assert worked.attention.leases == (Lease("ana", at(0), at(30)), Lease("bob", at(20), at(50)))
    assert do(both, NOTE, 20, by="cem").attention.leases == both.attention.leases
    assert happen(both, e.Noted("x"), 20).attention.leases == both.attention.leases


def test_a_renewal_is_no_version_of_its_own_and_never_goes_back() -> None:
    held = do(declared(), ACK, 10)
    assert do(held, NOTE, 20).version == held.version + 1
    early = do(held, NOTE, 9)
    assert early.attention.leases == held.attention.leases


def test_acknowledging_again_replaces_the_own_lease() -> None:
    again = do(do(declared(), ACK, 0), ACK, 25)
    assert again.attention.leases == (Lease("ana", at(25), at(55)),)
    assert again.moment(Moment.ACKNOWLEDGED) == at(0)


def test_the_lapse_of_one_of_two_holders_leaves_the_other() -> None:
    both = do(do(declared(), ACK, 0, by="ana"), ACK, 10, by="bob")
    assert lapsed(both, at(29)) == ()
    assert lapsed(both, at(30)) == ("ana",)
    one = happen(both, e.LeaseLapsed("ana"), 30)
    assert one.life.response is Response.ACKNOWLEDGED
    assert [x.holder for x in one.attention.leases] == ["bob"]
    assert lapsed(one, at(40)) == ("bob",)
    none = happen(one, e.LeaseLapsed("bob"), 40)
    assert none.life.response is Response.LAPSED
    assert none.attention == Attention()
    assert do(none, ACK, 45).life.response is Response.ACKNOWLEDGED


def test_the_ladder_pauses_while_cleared_and_goes_on_where_it_was() -> None:
    paged = happen(declared(), e.PagingPlanned(2, at(10)), 5)
    cleared = happen(paged, e.ResponseCleared(), 6)
    assert cleared.life.response is Response.CLEARED
    fired = happen(cleared, e.ResponseRefired(), 7)
    assert fired.life.response is Response.UNACKNOWLEDGED
    assert fired.attention == Attention((), 2, at(10))
    assert do(cleared, ACK, 7).life.response is Response.ACKNOWLEDGED


@pytest.mark.parametrize("state", [State.MITIGATED, State.OBSERVING])
def test_regressing_keeps_a_holder_and_else_pages_anew(state: State) -> None:
    regress = c.Regress("INC-1", reason="errors again")
    paged = happen(standing(state), e.PagingPlanned(3, None), 10)
    alone = do(paged, regress, 20)
    assert alone.life.response is Response.UNACKNOWLEDGED
    assert alone.attention == Attention()
    kept = do(do(paged, ACK, 11), regress, 20)
    assert kept.life.response is Response.ACKNOWLEDGED
    assert [x.holder for x in kept.attention.leases] == ["ana"]
    assert kept.attention.round == 0


def test_reopening_needs_somebody_anew() -> None:
    held = do(declared(), ACK, 1)
    ended = do(held, c.Resolve("INC-1", code="fixed", remedy="restarted"), 2)
    back = do(ended, c.Reopen("INC-1", reason="again"), 3)
    assert back.life.response is Response.UNACKNOWLEDGED
    assert back.attention == Attention()


def test_assigning_pages_the_new_one_unless_somebody_has_it() -> None:
    assign = c.Assign("INC-1", assignee="bob")
    paged = happen(declared(), e.PagingPlanned(2, at(10)), 5)
    assert do(paged, assign, 6).attention == Attention()
    held = do(paged, ACK, 6)
    assert [x.holder for x in do(held, assign, 7).attention.leases] == ["ana"]


def test_withholding_a_page_ends_the_ladder_but_no_lease() -> None:
    paged = happen(declared(), e.PagingPlanned(2, at(10)), 5)
    assert happen(paged, e.PageWithheld(3), 10).attention == Attention((), 2, None)
    held = do(declared(), ACK, 1)
    assert happen(held, e.PageWithheld(1), 2).attention.leases == held.attention.leases


def test_terms_are_the_defaults_people_read() -> None:
    assert TERMS.lease_for == at(30) - at(0)
