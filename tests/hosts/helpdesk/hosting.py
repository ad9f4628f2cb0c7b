"""The same day with the library beside the help desk: it looks on, acts, and is sent away again."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from incidentkit import Desk, MemoryStore, Message, MessageKind, State
from incidentkit.channels.memory import MemoryChannel
from incidentkit.flows.effects import Find, Flow
from incidentkit.flows.kinds import DELIVERY
from incidentkit.ports.query import Query
from incidentkit.ports.store import Store

sys.path.insert(0, str(Path(__file__).parents[3] / "examples" / "helpdesk"))
import glue as hd

HOSTS = dict.fromkeys(("title", "summary", "state", "priority", "assignee"), "host")
PAGED = {"fallback": "eve", "priorities": ["P1", "P2"]}


class Beside:
    """A desk, the glue, and whoever was sent what.

    In memory, told after each commit; or in the help desk's own database, in its transactions.
    """

    together = False

    def __init__(self, **policy: Any) -> None:
        self.policy: dict[str, Any] = {"paging": PAGED, "sync": "tickets", **policy}
        self.mail = MemoryChannel("mail", (MessageKind.PAGE,))
        self.glue = hd.Glue(together=self.together)
        self.synced: list[Message] = []
        store: Store = MemoryStore()
        if self.together:
            from incidentkit_django.store import DjangoStore

            store = DjangoStore()
        self.desk = Desk.open(
            channels={"mail": self.mail, "tickets": Tickets(self)},
            directory=hd.Staff(),
            policy=self.policy,
            store=store,
        )
        self.glue.desk = self.desk
        self.glue.install()

    def adopt(self, **policy: Any) -> None:
        """Another policy from now on."""
        self.policy.update(policy)
        self.desk.adopt(self.policy)

    def kept(self, state: str) -> int:
        """How many messages stand in a state."""

        def flow() -> Flow[Any]:
            found = yield from Find(DELIVERY, Query("delivery", limit=1000))
            return found.items

        return sum(x.state == state for x in self.desk.run(flow, "looking"))

    def told(self) -> dict[str, Any]:
        """What the library made of the day."""
        self.desk.run_due()
        incidents = self.desk.find(limit=500, order="id").items
        return {
            "incidents": {x.ref: x.status for x in incidents},
            "active": sum(x.active for x in incidents),
            "pages": [(x.ref, x.to) for x in self.mail.messages],
            "shadowed": self.kept("shadowed"),
            "synced": [(x.to, dict(x.fields)) for x in self.synced],
            "faults": [str(x) for x in self.desk.faults],
            "verified": not self.desk.verify().problems,
        }


class Tickets:
    """The channel of syncs: the glue takes them."""

    name = "tickets"
    kinds = frozenset((MessageKind.SYNC,))

    def __init__(self, beside: Beside) -> None:
        self.beside = beside

    def send(self, message: Message) -> None:
        """Hand a message to the help desk."""
        self.beside.synced.append(message)
        self.beside.glue.take(message)


def lived(
    how: str, make: Callable[[], Any], *, together: bool = False
) -> tuple[Any, dict[str, Any]]:
    """The day as it goes with the library; the help desk, and what the library did."""
    Beside.together = together
    return {"looked_on": looked_on, "acting": acting, "degrees": degrees, "both": both}[how](make)


def looked_on(make: Callable[[], Any]) -> tuple[Any, dict[str, Any]]:
    """It looks on, for some of the tickets of one queue."""
    day = make()
    beside = Beside(enrol={"mode": "shadow", "share": 40, "when": 'ticket.queue == "it"'})
    day.morning()
    day.noon()
    did = beside.told()
    report = beside.desk.shadow_report()
    did["report"] = {"pages": len(report.pages), "looked_on": report.looked_on}
    day.evening()
    return day, did


def acting(make: Callable[[], Any]) -> tuple[Any, dict[str, Any]]:
    """It acts on all tickets; whose fields are all the help desk's."""
    day = make()
    beside = Beside(enrol={"mode": "enforce"}, ownership=HOSTS)
    day.morning()
    beside.desk.run_due()
    day.noon()
    did = beside.told()
    did["timeline"] = [str(line) for line in beside.desk.timeline("it-5")]
    day.evening()
    return day, did


def degrees(make: Callable[[], Any]) -> tuple[Any, dict[str, Any]]:
    """From none to ten per cent to all to none, in the middle of the day's work."""
    from django.core import mail
    from helpdesk.models import Ticket

    day = make()
    day.morning()
    time.sleep(1.1)  # so that none of them counts as just opened
    pks = list(Ticket.objects.values_list("pk", flat=True))
    beside = Beside(enrol={"mode": "shadow", "share": 10, "fresh_for": "1s"}, ownership=HOSTS)
    for pk in pks:
        beside.glue.told(pk)
    tenth = beside.told()
    beside.adopt(enrol={"mode": "enforce", "share": 100, "fresh_for": "1s"})
    for ticket in Ticket.objects.all():
        beside.desk.enrol(ticket.ticket_for_url, hd.facts(ticket), system=hd.SYSTEM)
        beside.glue.told(ticket.pk)
    whole = beside.told()
    day.noon()
    during = beside.told()
    beside.adopt(enrol={"mode": "none"})
    gone = beside.desk.detach(everything=True, system=hd.SYSTEM, reason="we go back")
    after = beside.told()
    day.staff_form("After it all", 1)
    day.seen.pop()
    Ticket.objects.last().delete()
    mail.outbox.pop()
    beside.desk.run_due()
    day.evening()
    late = {"gone": len(gone), "tasks": len(beside.desk.tasks()), "left": beside.told()}
    return day, {"tenth": tenth, "whole": whole, "during": during, "after": after, **late}


def both(make: Callable[[], Any]) -> tuple[Any, dict[str, Any]]:
    """It acts, and the ticket hears of it; a transaction that fails leaves nothing."""
    from django.contrib.auth import get_user_model
    from django.db import transaction
    from helpdesk.models import FollowUp, Queue, Ticket

    day = make()
    users: Any = get_user_model().objects
    users.create_user("incidentkit", is_staff=True)
    beside = Beside(enrol={"mode": "enforce"})
    day.staff_form("Printer on fire", 1)
    beside.desk.run_due()
    beside.desk.acknowledge("it-1", by="ana")
    beside.desk.assign("it-1", "ana", by="ana")
    beside.desk.note("it-1", "the caller has not paid", by="ana")
    beside.desk.run_due()
    day.update("ana", 1, comment="mended", new_status=3)
    for _ in range(5):
        beside.desk.run_due()
    ticket = Ticket.objects.get(pk=1)
    did = beside.told()
    did["ticket"] = [ticket.status, ticket.assigned_to and ticket.assigned_to.get_username()]
    told = FollowUp.objects.filter(user__username="incidentkit")
    did["follow-ups"] = [[x.title, x.comment, x.public] for x in told]
    did["resolved"] = beside.desk.incident("it-1").status is State.RESOLVED
    queue = Queue.objects.first()
    try:
        with transaction.atomic():
            Ticket.objects.create(title="Never", queue=queue)
            raise RuntimeError("the page failed")
    except RuntimeError:
        did["after rollback"] = beside.desk.count()
    with transaction.atomic():
        Ticket.objects.create(title="At last", queue=queue)
        with transaction.atomic():
            did["inside"] = beside.desk.count()
    did["in the end"] = [beside.desk.count(), not beside.desk.verify().problems]
    return day, did
