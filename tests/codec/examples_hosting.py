"""One value of every kind and event about the tickets of a host, and what else came with them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from incidentkit.ids import DeliveryId
from incidentkit.model import delivery, hosting, incident_events, last_good
from incidentkit.model import hosting_changes as h
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.people import Contact
from incidentkit.model.words import DeliveryState, MessageKind, Mode

AT = datetime(2026, 3, 1, 2, 30, 5, tzinfo=UTC)
FIELDS = FrozenMap({"state": "resolved", "priority": "P2"})
HOSTED = hosting.Hosted(
    "helpdesk",
    "HD-17",
    Mode.ADVISE,
    2,
    FIELDS,
    FrozenMap({"priority": "P1"}),
    41,
    FrozenMap({"closed -> new": 1}),
    AT,
)

KINDS: dict[str, tuple[Any, ...]] = {
    "ticket": (hosting.Ticket("01I", 3, "helpdesk", "HD-17", Mode.SHADOW, 1, "01I", True),),
    "last_good": (
        last_good.LastGood("a1", 2, "ana", (Contact("sms", "+49 30 1"),), ("bo",), "r7", AT),
    ),
}
DRAFT = delivery.Delivery(
    DeliveryId("01D"),
    2,
    MessageKind.SYNC,
    "incident/01I",
    "HD-17",
    "tickets",
    "HD-17",
    "tickets",
    "No mail",
    "resolved: HD-17 is resolved, P2",
    "P2",
    0,
    "",
    DeliveryState.DRAFTED,
    detail="advise",
    fields=FIELDS,
    subject_version=12,
    turn=2,
    decided_at=AT,
    released_by="ana",
)
PAGE_KEPT = incident_events.PageQueued("01D", "ana", "sms", 1, "shadowed")
NOTICE_KEPT = incident_events.NoticeQueued("customers", "We know.", 3, None, "drafted")

EVENTS: dict[str, tuple[Any, ...]] = {
    "ticket_adopted": (h.TicketAdopted("helpdesk", "HD-17", Mode.SHADOW, FIELDS, 41, False, True),),
    "mode_set": (h.ModeSet(Mode.ENFORCE, Mode.SHADOW, "it was right for a month"),),
    "ticket_heard": (h.TicketHeard(42, FIELDS),),
    "field_disputed": (h.FieldDisputed("priority", "P1", "P3", "library"),),
    "fields_sent": (h.FieldsSent(FIELDS, "01D"),),
    "ticket_detached": (h.TicketDetached("we go back", ("resolve",)),),
    "ticket_enrolled": (
        h.TicketEnrolled("helpdesk", "HD-17", Mode.SHADOW, FrozenMap({"queue": "it"})),
    ),
    "ticket_taken": (h.TicketTaken("01I", Mode.SHADOW),),
    "ticket_let_go": (h.TicketLetGo("we go back"),),
    "delivery_kept": (h.DeliveryKept(MessageKind.PAGE, "ana", "sms", "shadowed"),),
    "draft_sent": (h.DraftSent("ana"),),
    "directory_answered": (last_good.DirectoryAnswered("ana", "r7", 2, 0),),
}
