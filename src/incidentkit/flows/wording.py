"""What a message says, decided at the moment it goes out: the words of the record, or neutral ones.

Whoever may not see an incident may still have to hear of it, such as the last one on call. They
are paged, with the reference and the priority and nothing that was written. Acknowledging lets
them in. The same holds for a problem behind which there are only such incidents. A notice that a
person wrote goes out as it was written: it is meant for who gets it.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.flows.effects import Flow, Load
from incidentkit.flows.kinds import BY_NAME, INCIDENT, PROBLEM
from incidentkit.flows.redacted import REDACTED
from incidentkit.flows.setting import Setting
from incidentkit.flows.withholding import incidents_named, names_of, without
from incidentkit.model.delivery import Delivery, Message
from incidentkit.model.incident import Incident
from incidentkit.model.labels import Tlp
from incidentkit.model.words import MessageKind
from incidentkit.rules import access

CLOSED = "closed to you; acknowledge it to be let in"
TITLE = "An incident"
PROBLEM_CLOSED = "closed to you"
PROBLEM_TITLE = "A problem"


def worded(
    setting: Setting, message: Message, delivery: Delivery, at: datetime, *, redacted: bool
) -> Flow[Message]:
    """The message as its recipient may read it; `redacted`: its words are no longer there."""
    start = f"{delivery.ref} {delivery.priority}".strip()
    if redacted:
        return attrs.evolve(message, title=TITLE, text=f"{start}: {REDACTED}")
    if not setting.policy.access.on:
        return message
    if delivery.subject.startswith("problem/"):
        return (yield from _of_problem(setting, message, delivery, at))
    incident = yield from _behind(delivery)
    if incident is None or not closed(setting, incident, delivery, at):
        return message
    if delivery.kind is MessageKind.SYNC:
        return message if delivery.fields else attrs.evolve(message, title=TITLE)
    if not delivery.drawn:
        return attrs.evolve(message, title=TITLE)
    return attrs.evolve(message, title=TITLE, text=f"{start}: {CLOSED}")


def _of_problem(
    setting: Setting, message: Message, delivery: Delivery, at: datetime
) -> Flow[Message]:
    """The same about a problem: it is closed to whom all incidents behind it are closed.

    Of one that they may see, only what names an incident closed to them is withheld.
    """
    (problem,) = yield from Load(PROBLEM, (delivery.subject.partition("/")[2],))
    tied = () if problem is None else tuple(x.target.partition("/") for x in problem.links)
    behind = dict.fromkeys(id_ for kind, _, id_ in tied if kind == "incident")
    named = dict.fromkeys((*behind, *(yield from incidents_named((message.title, message.text)))))
    found = (yield from Load(INCIDENT, tuple(named))) if named else ()
    hidden = [x for x in found if x is not None and closed(setting, x, delivery, at)]
    if not hidden:
        return message
    if behind and behind.keys() <= {x.id for x in hidden}:
        if not delivery.drawn:
            return attrs.evolve(message, title=PROBLEM_TITLE)
        start = f"{delivery.ref} {delivery.priority}".strip()
        return attrs.evolve(message, title=PROBLEM_TITLE, text=f"{start}: {PROBLEM_CLOSED}")
    if not delivery.drawn:
        return message
    words = tuple(word for each in hidden for word in names_of(each))
    title, text = without((message.title, message.text), words)
    return attrs.evolve(message, title=title, text=text)


def closed(setting: Setting, incident: Incident, delivery: Delivery, at: datetime) -> bool:
    """Whether an incident is closed to whom a message goes to; what is TLP:CLEAR is for all."""
    if incident.more is None:
        return False
    label = incident.more.scope.label
    marked = label is not None and (label.level is not Tlp.CLEAR or bool(label.compartments))
    if not marked and incident.more.overlays.privacy is None:
        return False
    return not access.sees(setting.policy.access, delivery.party, incident, at)


def _behind(delivery: Delivery) -> Flow[Incident | None]:
    """The incident that a message is about, or that its review is about."""
    kind, _, id_ = delivery.subject.partition("/")
    if kind == "review":
        (record,) = yield from Load(BY_NAME[kind], (id_,))
        kind, id_ = "incident", "" if record is None else str(record.incident)
    if kind != "incident" or not id_:
        return None
    (incident,) = yield from Load(INCIDENT, (id_,))
    return incident
