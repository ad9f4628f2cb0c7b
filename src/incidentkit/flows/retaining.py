"""What has been kept long enough: incidents that ended long ago and that nothing holds back.

Purging is a redaction of all that an incident's journal says, with what said the same elsewhere.
That things happened, when and by whom stays, and so does the chain: `verify` finds nothing wrong.
What is not sealed yet or under a legal hold is left out, and the answer says so.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.flows.audit import sealed_heads
from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Find, Flow, Now
from incidentkit.flows.gate import authorise
from incidentkit.flows.keeping_payloads import brought, keepers
from incidentkit.flows.kinds import INCIDENT
from incidentkit.flows.reading import whole
from incidentkit.flows.seeing import seen
from incidentkit.flows.setting import Setting
from incidentkit.model.words import State
from incidentkit.ports.query import AllOf, Compare, Cursor, OneOf, Op, Query
from incidentkit.rules.custody import held
from incidentkit.timing.instants import EPOCH, to_micros

_OVER = (State.CLOSED.value, State.CANCELLED.value)
PAGE = 200


@attrs.frozen
class Due:
    """One incident whose time has come: the entries of its journal that still say something."""

    id: str
    ref: str
    seqs: tuple[int, ...]


@attrs.frozen
class Purge:
    """What a purge would take away, or has (`done`), and what it leaves out with the reason.

    `before` is the instant for incidents. `payloads`, `messages` and `readings` count what the
    policy's `[retention]` names beside them; `requests` is known when it is done.
    """

    before: datetime
    incidents: tuple[str, ...]
    entries: int
    left_out: tuple[tuple[str, str], ...]
    done: bool = False
    payloads: int = 0
    messages: int = 0
    readings: int = 0
    requests: int = 0

    @property
    def total(self) -> int:
        """How many to `expect`: all but the ids of requests, which are counted as they go."""
        return len(self.incidents) + self.payloads + self.messages + self.readings


def plan(setting: Setting, before: datetime | None) -> Flow[tuple[tuple[Due, ...], Purge]]:
    """Closed and cancelled incidents that have not changed since `before`, each once; None: none.

    Raises NotAuthorised. What the actor may not see is left out without a word.
    """
    yield from authorise(Workbook(setting, (yield from Now())), "purge", "store", None)
    if before is None:
        return (), Purge(EPOCH, (), 0, ())
    sealed = yield from sealed_heads()
    old = Compare("changed_at", Op.LT, to_micros(before))
    where = AllOf((OneOf("state", _OVER), old))
    due: list[Due] = []
    left: list[tuple[str, str]] = []
    after: Cursor | None = None
    while True:
        page = yield from Find(INCIDENT, Query("incident", where, after=after, limit=PAGE))
        shown = yield from seen(setting, [f"incident/{x.id}" for x in page.items])
        for incident in page.items:
            name = f"incident/{incident.id}"
            if name not in shown:
                continue
            entries = yield from whole("incident", incident.id)
            kept = [x for x in entries if x.recorded is not None and x.kind != "redacted"]
            if not kept:
                continue
            why = held(incident)
            if not why and not any(x.seq >= incident.version for x in sealed.get(name, ())):
                why = "its journal is not sealed yet"
            if not why and (yield from keepers((yield from brought(kept)), incident.id)):
                why = "a payload that it shares is on legal hold for another"
            if why:
                left.append((incident.ref, why))
            else:
                due.append(Due(incident.id, incident.ref, tuple(x.seq for x in kept)))
        after = page.next
        if after is None:
            break
    refs, entries_ = tuple(x.ref for x in due), sum(len(x.seqs) for x in due)
    return tuple(due), Purge(before, refs, entries_, tuple(left))
