"""django-helpdesk with incidentkit beside it: its tickets are enrolled, adopted and kept in step.

Call `Glue(desk).install()` in the `ready()` of an app of yours, and hand `glue.take` to the desk as
the channel that its policy names under `sync`. django-helpdesk itself is not touched: the glue
listens to Django's signals, after the commit, and changes a ticket as one more member of staff.

With its records in Django's own database (`incidentkit_django.store.DjangoStore`), `together=True`
writes them inside the transaction that saves the ticket: both happen, or neither. A request is one
transaction where the project says `ATOMIC_REQUESTS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models.signals import post_save
from helpdesk.models import FollowUp, Ticket
from helpdesk.update_ticket import update_ticket

from incidentkit import Contact, Enrolment, TicketMove, TicketNote

SYSTEM = "helpdesk"
STATES = {1: "new", 2: "in_progress", 3: "resolved", 4: "closed", 5: "cancelled"}
STATUSES = {"new": 1, "triaged": 1, "in_progress": 2, "resolved": 3, "closed": 4, "cancelled": 5}


class Glue:
    """What connects the help desk to a desk of incidentkit."""

    def __init__(
        self, desk: Any = None, staff: str = "incidentkit", *, together: bool = False
    ) -> None:
        self.desk = desk
        self.staff = staff
        self.together = together
        self.seen: int | None = None

    def install(self) -> None:
        """Listen to tickets that are saved, by whatever page, form or mail."""
        post_save.connect(self._saved, sender=Ticket, dispatch_uid="incidentkit")

    def uninstall(self) -> None:
        """Listen no more."""
        post_save.disconnect(sender=Ticket, dispatch_uid="incidentkit")

    def _saved(self, instance: Any, **_: Any) -> None:
        if self.together and self.desk is not None:
            with transaction.atomic(), self.desk.using(connection) as inside:
                self._told(inside, instance.pk)
        else:
            transaction.on_commit(lambda: self.told(instance.pk))

    def told(self, pk: int) -> Enrolment | None:
        """A ticket was saved: take it in if it is enrolled, or tell what it is like now."""
        return None if self.desk is None else self._told(self.desk, pk)

    def _told(self, desk: Any, pk: int) -> Enrolment | None:
        ticket = Ticket.objects.select_related("queue", "assigned_to").filter(pk=pk).first()
        if ticket is None:
            return None
        key = ticket.ticket_for_url
        standing = desk.enrolled(key, facts(ticket), system=SYSTEM)
        if standing.enrolled and not standing.incident:
            desk.adopt_ticket(key, system=SYSTEM, **described(ticket))
        elif standing.enrolled:
            desk.ticket_changed(
                key, version_of(ticket), system=SYSTEM, fields=fields(ticket),
                reason="on hold", seen=self.seen,
            )  # fmt: skip
        return standing

    def take(self, message: Any) -> None:
        """A sync from the desk: change the ticket as a member of staff would, with a follow-up."""
        ticket = Ticket.objects.get(pk=int(message.to.rpartition("-")[2]))
        told, users = message.fields, get_user_model().objects
        owner = users.filter(username=told.get("assignee")).first()
        with self._having_seen(message.version), transaction.atomic():
            update_ticket(
                users.get(username=self.staff),
                ticket,
                comment=message.text,
                title=told.get("title") or ticket.title,
                owner=owner.pk if owner else -1,
                priority=int(told["priority"][1:]) if "priority" in told else -1,
                new_status=STATUSES.get(told.get("state", ""), ticket.status),
            )

    @contextmanager
    def _having_seen(self, version: int) -> Iterator[None]:
        self.seen = version
        try:
            yield
        finally:
            self.seen = None


class Staff:
    """The help desk's users as a directory; they are in the same database, so it is asked here."""

    name = "helpdesk users"
    deadline = None

    def contacts(self, party: str) -> tuple[Contact, ...]:
        """The mail address of a user."""
        user = get_user_model().objects.filter(username=party).first()
        return (Contact("mail", user.email),) if user and user.email else ()

    def revision(self) -> str:
        """It has no versions; the address itself is journaled."""
        return "users"


def version_of(ticket: Any) -> int:
    """A number that rises with each change of a ticket."""
    return int(ticket.modified.timestamp() * 1_000_000)


def facts(ticket: Any) -> dict[str, object]:
    """What `[enrol]` may ask of a ticket."""
    return {"queue": ticket.queue.slug, "priority": ticket.priority, "mail": ticket.submitter_email}


def state_of(ticket: Any) -> str:
    """The state of a ticket in our words."""
    held = ticket.on_hold and STATES[ticket.status] in ("new", "in_progress")
    return "on_hold" if held else STATES[ticket.status]


def fields(ticket: Any) -> dict[str, str | None]:
    """The fields that ticket and incident both have."""
    owner = ticket.assigned_to.get_username() if ticket.assigned_to else None
    priority = f"P{ticket.priority}"
    return {
        "title": ticket.title, "state": state_of(ticket), "priority": priority, "assignee": owner,
    }  # fmt: skip


def described(ticket: Any) -> dict[str, Any]:
    """A ticket with its past, as `adopt_ticket` takes it; comments are notes, and stay inside."""
    told = FollowUp.objects.filter(ticket=ticket).order_by("date").select_related("user")
    moves = [
        TicketMove(x.date, STATES[x.new_status], word=x.get_new_status_display())
        for x in told
        if x.new_status and x.new_status != 1
    ]
    if state_of(ticket) == "on_hold":
        moves.append(TicketMove(ticket.modified, "on_hold", reason="on hold"))
    by = (x.user.get_username() if x.user else "caller" for x in told)
    notes = [
        TicketNote(x.comment, who, x.date) for x, who in zip(told, by, strict=True) if x.comment
    ]
    now = fields(ticket)
    return {
        "title": ticket.title, "summary": ticket.description or "", "priority": now["priority"],
        "assignee": now["assignee"] or "", "reporter": ticket.submitter_email or None,
        "opened_at": ticket.created, "history": moves, "notes": notes, "facts": facts(ticket),
        "version": version_of(ticket),
    }  # fmt: skip
