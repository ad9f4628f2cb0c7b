"""A new incident: declared, opened by alerts and reports, split off another or following it."""

from __future__ import annotations

from typing import Any

from incidentkit.errors import InvalidValue, NotFound
from incidentkit.flows.advance import apply
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Ask, Flow, NewId, NewNumber, Owners
from incidentkit.flows.gate import authorise, resolve_ref
from incidentkit.flows.questions import ReferenceOf
from incidentkit.flows.setting import Setting, recorded
from incidentkit.ids import SYSTEM_ACTOR
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Card
from incidentkit.model.privacy_changes import PrivacySet
from incidentkit.model.words import LinkKind
from incidentkit.rules.evolve import birth


def declare(book: Workbook, command: c.Declare, *, authorised: bool = False) -> Flow[Draft]:
    """A new incident, or a candidate, with everything its declaration states."""
    setting, policy = book.setting, book.setting.policy
    if not authorised:
        yield from authorise(book, command.action, "incident", None)
    if command.admits and not command.private:
        raise InvalidValue("admits", "are let in to a private incident; say why it is private")
    known(setting, command.service, (command.assign, command.owner, command.team))
    _ = policy.catalogue.check_category(command.category)
    impact, urgency = command.impact or "unknown", command.urgency or "unknown"
    _ = policy.matrix.check("impact", impact)
    _ = policy.matrix.check("urgency", urgency)
    id_ = yield from NewId()
    ref = yield from _reference(book, command, refuses=not authorised)
    card = Card(
        command.subject,
        command.summary,
        command.service,
        command.labels,
        command.source,
        command.reporter,
        command.category,
    )
    born = e.Declared(
        id_,
        ref,
        card,
        command.candidate,
        command.occurred_at,
        command.detected_at,
    )
    draft = Draft(birth(born, book.at), new=True)
    book.begin(draft)
    draft.recorded.append(recorded(born, setting, book.at))
    draft.fresh.append(born)
    stated: list[Any] = []
    if command.private:
        mine = () if setting.by == SYSTEM_ACTOR else (setting.by,)
        admits = tuple(dict.fromkeys((*mine, *command.admits)))
        stated.append(PrivacySet(command.private, admits))
    if (impact, urgency) != ("unknown", "unknown") or command.severity:
        stated.append(e.Rated(impact, urgency, command.severity))
    if command.priority is not None:
        stated.append(e.Prioritised(command.priority, None, False, True))
    if command.assign is not None:
        stated.append(e.Assigned(command.assign, None))
    if command.owner is not None:
        stated.append(e.OwnerChanged(command.owner, None))
    if command.team is not None:
        stated.append(e.TeamChanged(command.team, None))
    if command.successor_of is not None:
        kind, target = yield from resolve_ref(command.successor_of, book)
        other = (yield from book.incident(target)) if kind == "incident" else None
        if other is None:
            raise NotFound("incident", command.successor_of)
        stated.append(e.Linked(LinkKind.SUCCESSOR_OF, f"incident/{target}", other.incident.ref))
    apply(book, draft, stated)
    return draft


def _reference(book: Workbook, command: c.Declare, *, refuses: bool) -> Flow[str]:
    """The host's own number, or the next of the library's series.

    Raises InvalidValue for a number that is taken; what an alert opens is never refused for that.
    """
    setting = book.setting
    if setting.numbered:
        ref = yield from Ask(ReferenceOf("incident", command.subject))
        if ref:
            (owner,) = yield from Owners("ref", (ref,))
            if owner is None:
                return ref
            if refuses:
                raise InvalidValue("reference", f"{ref!r} belongs to {owner} already")
    series = setting.policy.series["incident"]
    number = yield from NewNumber(series)
    return f"{series}-{number}"


def known(setting: Setting, service: str | None, parties: tuple[str | None, ...]) -> None:
    """In a closed world, names that the policy does not list are refused. Raises InvalidValue."""
    policy = setting.policy
    if not policy.closed:
        return
    if service is not None and service not in policy.services:
        raise InvalidValue("service", f"{service!r} is not listed, and the policy is closed")
    for party in parties:
        if party is not None and party not in policy.parties:
            raise InvalidValue("party", f"{party!r} is not listed, and the policy is closed")
