"""Sends that give no answer: told to the record they are about, and noted for every audit.

The delivery itself belongs to the flow that sends it, and is not written here: should the send end
after all, its own commit says what became of it. So the note is a key, in one of a few places, and
names the version of the delivery at which it stands; with the next version it is void.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Flow, Load, Now, Owners
from incidentkit.flows.kinds import DELIVERY
from incidentkit.flows.reaction import hear
from incidentkit.flows.setting import Outcome, Setting
from incidentkit.model.delivery import Delivery, DeliveryTried
from incidentkit.model.words import UNSENT, DeliveryState
from incidentkit.ports.rows import ClaimedTask, KeyChange
from incidentkit.timing.instants import to_micros

SPACE = "hung"
"""The space of the notes."""
PLACES = tuple(str(number) for number in range(16))
"""Names of the notes; a send that finds all of them taken is told to its record alone."""


def tell(
    setting: Setting, claimed: ClaimedTask, waited: timedelta, held_for: timedelta
) -> Flow[Outcome[None]]:
    """Tell that a message was handed over `waited` ago and nothing was heard since.

    The note stands for as long as its task is held. What has ended meanwhile is not told.
    """
    at = yield from Now()
    book = Workbook(setting, at)
    (delivery,) = yield from Load(DELIVERY, (claimed.task.body.partition(" ")[0],))
    if delivery is None or delivery.state not in UNSENT:
        return Outcome(None, at)
    why = f"no answer for {waited.total_seconds():g} s; it may yet arrive"
    event = DeliveryTried(DeliveryState.DELAYED, why)
    told = attrs.evolve(delivery, state=event.state, detail=why)
    yield from hear(book, told, event)
    yield from _note(book, delivery, at + held_for)
    _ = yield from book.commit()
    return Outcome(None, at)


def _note(book: Workbook, delivery: Delivery, until: datetime) -> Flow[None]:
    owners = yield from Owners(SPACE, PLACES)
    standing = dict((yield from _standing(tuple(owners), book.at)))
    place = next((x for x in PLACES if standing.get(x, delivery.id) == delivery.id), None)
    if place is not None:
        note = f"{delivery.id} {delivery.version} {to_micros(until)}"
        book.keys.append(KeyChange(SPACE, place, owners[PLACES.index(place)], note))


def hanging(at: datetime) -> Flow[tuple[Delivery, ...]]:
    """The messages that were handed over and of which nothing was heard since, in any worker."""
    owners = yield from Owners(SPACE, PLACES)
    standing = yield from _standing(tuple(owners), at)
    ids = tuple(dict.fromkeys(id_ for _, id_ in standing))
    found = (yield from Load(DELIVERY, ids)) if ids else ()
    return tuple([each for each in found if each is not None])


def described(delivery: Delivery) -> str:
    """One of them in words, without what it says."""
    to = f"{delivery.kind.value} to {delivery.party} on {delivery.channel}"
    return f"{to} was handed over and gives no answer"


def _standing(owners: tuple[str | None, ...], at: datetime) -> Flow[list[tuple[str, str]]]:
    """The places whose note still stands, each with the id of its delivery."""
    noted: list[tuple[str, str, int]] = []
    for place, owner in zip(PLACES, owners, strict=True):
        id_, version, until = (owner or "- 0 0").split(" ")
        if int(until) > to_micros(at):
            noted.append((place, id_, int(version)))
    found = (yield from Load(DELIVERY, tuple(x for _, x, _ in noted))) if noted else ()
    return [
        (place, id_)
        for (place, id_, version), each in zip(noted, found, strict=True)
        if each is not None and each.version == version
    ]
