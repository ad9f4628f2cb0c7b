"""Breaking the glass: who may, and who hears of it."""

from __future__ import annotations

from incidentkit.errors import NotAuthorised, NotFound
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow
from incidentkit.flows.gate import authorise
from incidentkit.flows.outgoing import notify_one
from incidentkit.flows.sight import Sight
from incidentkit.model.privacy_changes import BreakGlass, GlassBroken
from incidentkit.model.words import MessageKind
from incidentkit.rules.privacy import responsible
from incidentkit.timing.instants import show_instant


def allowed(book: Workbook, name: str, draft: Draft) -> Flow[None]:
    """Whether the policy lets somebody break the glass.

    Raises NotAuthorised to who sees the incident anyway, and NotFound to everybody else: it must
    not be a way to ask what there is.
    """
    incident = draft.incident
    try:
        yield from authorise(book, BreakGlass.action, f"incident/{incident.ref}", draft)
    except NotAuthorised:
        if not (yield from Sight(book.setting, people=True).visible("incident", incident.id)):
            raise NotFound("incident", name) from None
        raise


def tell(book: Workbook, draft: Draft) -> Flow[None]:
    """Tell whoever is responsible, and whom the policy names, that somebody let themselves in.

    It goes out in every mode of a ticket: it speaks of what was done here, by a person.
    """
    events = [x.event for x in draft.recorded]
    broken = next((x for x in events if isinstance(x, GlassBroken)), None)
    if broken is None or not book.setting.taking(MessageKind.NOTICE):
        return
    text = (
        f"{broken.party} took access to {draft.incident.ref} until {show_instant(broken.until)}: "
        f"{broken.why}"
    )
    told: set[str] = {broken.party}
    for party in (responsible(draft.incident), *book.setting.policy.access.tells):
        if party is not None:
            _ = yield from notify_one(book, draft, party, text, told=told, always=True)
