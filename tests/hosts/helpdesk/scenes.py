"""One day at a help desk, through its own pages and mail intake; what anybody could see of it.

Run in a process of its own (`python -m tests.hosts.helpdesk.scenes FOLDER HOW`), because Django is
configured once in a process. It prints the day as JSON, and beside it what the library did.
"""

from __future__ import annotations

import json
import logging
import sys
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.hosts.helpdesk.project import set_up

TICKETS = 7
"""How many tickets come in by the form for staff."""


class Day:
    """A help desk with two queues, a clerk for each, and an administrator."""

    def __init__(self) -> None:
        from django.contrib.auth import get_user_model
        from django.contrib.auth.models import Permission
        from django.test import Client
        from helpdesk.models import Queue

        users: Any = get_user_model().objects
        self.it, self.hr = (
            Queue.objects.create(
                title=slug.upper(), slug=slug, allow_public_submission=slug == "it",
                email_address=f"{slug}@example.org", allow_email_submission=True,
            )
            for slug in ("it", "hr")
        )  # fmt: skip
        self.people = {
            name: users.create_user(name, f"{name}@example.org", "x", is_staff=True)
            for name in ("ana", "bob", "eve")
        }
        self.people["eve"].is_superuser = True
        self.people["eve"].save()
        for name, queue in (("ana", self.it), ("bob", self.hr)):
            permission = Permission.objects.get(codename=queue.permission_name.split(".")[1])
            self.people[name].user_permissions.add(permission)
        self.clients = {name: Client() for name in self.people}
        for name, client in self.clients.items():
            client.force_login(self.people[name])
        self.public = Client()
        self.seen: list[Any] = []

    def saw(self, what: str, *facts: Any) -> None:
        """Write down what a person could see."""
        self.seen.append([what, *facts])

    # --- the day --------------------------------------------------------------------------------

    def morning(self) -> None:
        """Tickets come in: by the form for staff, by the public form, by mail."""
        for number in range(TICKETS):
            self.staff_form(f"Printer {number} on fire", 1 if number % 3 == 0 else 4)
        sent = {
            "queue": self.it.pk, "title": "No mail", "body": "since nine", "priority": 2,
            "submitter_email": "carl@example.net",
        }  # fmt: skip
        page = self.public.post("/tickets/submit/", sent)
        self.saw("public form", page.status_code)
        page = self.public.post("/tickets/submit/", {**sent, "queue": self.hr.pk})
        self.saw("public form, closed queue", page.status_code)
        self.mail("It is slow", "dora@example.net", importance="high")

    def staff_form(self, title: str, priority: int) -> None:
        """A clerk writes a ticket down."""
        page = self.clients["ana"].post(
            "/tickets/submit/",
            {
                "queue": self.it.pk, "title": title, "body": "as the caller says",
                "priority": priority, "submitter_email": "carl@example.net", "assigned_to": "",
            },
        )  # fmt: skip
        self.saw("staff form", page.status_code)

    def mail(self, subject: str, sender: str, body: str = "please look", **headers: str) -> None:
        """A mail arrives in the queue's box."""
        from helpdesk.email import extract_email_metadata

        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, "it@example.org", subject
        for name, value in headers.items():
            message[name] = value
        message.set_content(body)
        ticket = extract_email_metadata(message.as_string(), self.it, logging.getLogger("mail"))
        self.saw("mail", ticket.pk, ticket.title, ticket.priority)

    def noon(self) -> None:
        """Work: assigned, answered, held, resolved, closed; and a reply by mail."""
        ana = self.clients["ana"]
        self.update("ana", 1, comment="I take it", owner=self.people["ana"].pk)
        self.update("ana", 1, comment="restarted", new_status=3)
        self.update("ana", 2, comment="a note for us", owner=self.people["eve"].pk)
        self.saw("hold", ana.post("/tickets/3/hold/").status_code)
        self.saw("unhold", ana.post("/tickets/3/unhold/").status_code)
        self.update("ana", 4, comment="double", new_status=5)
        self.update("ana", 5, comment="done", new_status=3, public="1")
        self.update("ana", 5, comment="filed", new_status=4)
        self.mail("Re: [it-5] Printer 4 on fire", "carl@example.net", "it burns again")
        self.update("ana", 6, comment="more urgent now", priority=1, title="Six is on fire")

    def update(self, who: str, ticket: int, **sent: Any) -> None:
        """Somebody saves the page of a ticket."""
        from helpdesk.models import Ticket

        kept = Ticket.objects.get(pk=ticket)
        form = {
            "new_status": kept.status, "title": kept.title, "priority": kept.priority,
            "queue": kept.queue_id, "owner": kept.assigned_to_id or 0, **sent,
        }  # fmt: skip
        page = self.clients[who].post(f"/tickets/{ticket}/update/", form)
        self.saw("update", ticket, page.status_code)

    def evening(self) -> None:
        """Who may see what, and what stands in the books."""
        from django.core import mail
        from helpdesk.models import FollowUp, Ticket

        for name, client in self.clients.items():
            self.saw("page", name, client.get("/tickets/1/").status_code)
            self.saw("list", name, client.get("/tickets/").status_code)
        self.saw("stranger", self.public.get("/tickets/1/").status_code)
        for ticket in Ticket.objects.order_by("pk"):
            owner = ticket.assigned_to.get_username() if ticket.assigned_to else ""
            row = (ticket.pk, ticket.title, ticket.status, ticket.priority, ticket.on_hold, owner)
            self.saw("ticket", *row, ticket.queue.slug, ticket.submitter_email)
        for each in FollowUp.objects.order_by("pk"):
            user = each.user.get_username() if each.user else ""
            self.saw("follow-up", each.ticket_id, each.title, each.comment, each.public, user)
        for message in mail.outbox:
            self.saw("sent", sorted(message.to), message.subject)


def main(folder: Path, how: str) -> dict[str, Any]:
    """The day: `without` the library, `looked_on`, `acting`, by `degrees`, or changed by `both`.

    With `+together` behind it, records are written in the help desk's own transactions.
    """
    how, _, plus = how.partition("+")
    together = plus == "together"
    set_up(folder, together=together)
    did: dict[str, Any] = {}
    if how == "without":
        day = Day()
        day.morning()
        day.noon()
        day.evening()
        did["loaded"] = "incidentkit" in sys.modules
    else:
        from tests.hosts.helpdesk import hosting

        day, did = hosting.lived(how, Day, together=together)
    return {"seen": day.seen, "did": did}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2]), default=str))
