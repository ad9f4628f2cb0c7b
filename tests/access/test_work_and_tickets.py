"""The queue, held and drafted messages and a host's tickets, for somebody who may but does not see.

Operating, sending and handing tickets back are permissions of their own; none of them opens an
incident that is closed to whoever has it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import ManualTime, MessageKind
from incidentkit.desk.due import LEASE
from incidentkit.errors import NotAuthorised, NotFound
from incidentkit.ports.rows import LAPSES_BEFORE_PARKING
from tests.access.secret_world import everything_in
from tests.desk.test_work import Crash, Dying
from tests.flows import world

Open = Callable[..., Any]
ROLES: dict[str, Any] = {
    "viewer": {"members": ["vic"]},
    "manager": {"members": ["mia"]},
    "operator": {"members": ["olaf"], "may": ["operate", "respond", "manage", "report"]},
    "admin": {"members": ["adam"]},
}
POLICY: dict[str, Any] = {"access": {"on": True, "everybody": "", "roles": ROLES}}
SECRET = "zqx81"


def opened(open_desk: Open, url: str = "memory:", **channels: Any) -> Any:
    channels = channels or {"sms": world.pager("sms", MessageKind.PAGE, MessageKind.NOTICE)}
    return open_desk(url, policy=POLICY, channels=channels, time=ManualTime())


def two(desk: Any, mode: str) -> tuple[str, str]:
    """A ticket that is open to all and one that is private, both talked about in their mode."""
    refs: list[str] = []
    for name in ("open", SECRET):
        desk.adopt_ticket(f"T-{name}", title=f"About {name}", mode=mode, reporter="cleo")
        desk.reply(f"T-{name}", f"told of {name}")
        refs.append(f"T-{name}")
    desk.run_due()
    desk.make_private(refs[1], reason="an employee is concerned")
    return refs[0], refs[1]


def test_drafts_are_those_about_what_one_sees(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url)
    plain, secret = two(desk, "advise")
    olaf = desk.as_("olaf")
    (every, hidden) = (desk.drafts(), desk.drafts(secret))
    assert {x.ref for x in every} == {plain, secret}
    assert {x.ref for x in olaf.drafts()} == {plain} == {x.ref for x in olaf.drafts(plain)}
    assert SECRET not in everything_in(olaf.drafts())
    with pytest.raises(NotFound):
        olaf.drafts(secret)
    with pytest.raises(NotFound, match="no draft"):
        olaf.send_draft(hidden[0])
    assert olaf.send_draft(olaf.drafts()[0]).released_by == "olaf"
    assert desk.as_("adam").send_draft(hidden[0]).released_by == "adam"
    with pytest.raises(NotAuthorised):
        desk.as_("vic").drafts()
    with pytest.raises(NotFound, match="no draft"):
        desk.as_("vic").send_draft(hidden[0])


def test_a_shadow_report_counts_what_one_sees(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url)
    _ = two(desk, "shadow")
    whole, mine = desk.shadow_report(), desk.as_("olaf").shadow_report()
    assert (whole.looked_on, whole.notices) == (2, 2)
    assert (mine.looked_on, mine.notices) == (1, 1)
    assert SECRET not in everything_in(mine)
    with pytest.raises(NotAuthorised):
        desk.as_("vic").shadow_report()


def test_a_ticket_whose_incident_is_closed_is_not_found(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url)
    plain, secret = two(desk, "enforce")
    olaf = desk.as_("olaf")
    calls: tuple[Callable[[str], Any], ...] = (
        lambda key: olaf.enrolled(key),
        lambda key: olaf.enrol(key, mode="shadow", reason="x"),
        lambda key: olaf.adopt_ticket(key, title="x", reference="X-1"),
        lambda key: olaf.ticket_changed(key, 9, fields={"title": "x"}),
        lambda key: olaf.detach(key=key, reason="x"),
    )
    for call in calls:
        with pytest.raises(NotFound, match="no ticket"):
            call(secret)
        call(plain)
    with pytest.raises(NotFound):
        olaf.set_mode(secret, "shadow", reason="x")
    desk.enrol(plain, mode="enforce", reason="again")
    desk.adopt_ticket(plain, title="About open")
    assert olaf.detach(everything=True, reason="we stop") == (plain,)
    assert not desk.incident(secret).detached
    with pytest.raises(NotAuthorised):
        desk.as_("mia").enrolled("T-9")


def test_a_host_that_acts_for_somebody_finds_what_they_would(open_desk: Open) -> None:
    desk = opened(open_desk)
    _, secret = two(desk, "enforce")
    with pytest.raises(NotFound, match="no ticket"):
        desk.enrolled(secret, by="olaf")
    assert desk.enrolled(secret, by="adam").enrolled


def test_held_and_parked_messages_are_those_about_what_one_sees(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url)
    refs = [desk.declare(f"About {x}", reporter="cleo").ref for x in ("open", SECRET)]
    for ref in refs:
        desk.reply(ref, f"told {ref} of {SECRET if ref == refs[1] else 'it'}")
    desk.make_private(refs[1], reason="an employee is concerned")
    desk.ports.time.move(seconds=1)
    desk.restored()
    desk.run_due()
    olaf = desk.as_("olaf")
    assert {x.ref for x in desk.held()} == set(refs)
    assert {x.ref for x in olaf.held()} == {refs[0]}
    hidden = next(x for x in desk.held() if x.ref == refs[1])
    with pytest.raises(NotFound):
        olaf.release(hidden.id)
    assert olaf.release(olaf.held()[0].id).ref == refs[0]
    with pytest.raises(NotAuthorised):
        desk.as_("mia").held()
    with pytest.raises(NotAuthorised):
        desk.as_("mia").parked()
    with pytest.raises(NotAuthorised):
        desk.as_("mia").diagnose()
    assert olaf.diagnose()


def test_a_parked_message_shows_itself_to_who_sees_its_incident(open_desk: Open, url: str) -> None:
    desk = opened(open_desk, url, post=Dying(LAPSES_BEFORE_PARKING))
    ref = desk.declare(f"About {SECRET}", assign="cleo", **world.URGENT).ref
    desk.make_private(ref, reason="an employee is concerned")
    for _ in range(LAPSES_BEFORE_PARKING):
        with pytest.raises(Crash):
            desk.run_due()
        desk.ports.time.move(seconds=LEASE.total_seconds())
    desk.run_due()
    (every,) = desk.parked()
    (mine,) = desk.as_("olaf").parked()
    assert every.delivery is not None
    assert (mine.id, mine.why, mine.delivery) == (every.id, every.why, None)
    assert SECRET not in everything_in(mine)
