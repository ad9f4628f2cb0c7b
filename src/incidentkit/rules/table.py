"""What the tables of life-cycles are made of, whoever fills them.

A `Part` is what one noun brings to an incident's tables: rows for its commands, and what each of
its events makes of the incident. Parts of every day stand in `lifecycle` and `evolve`; the others
are listed in `beyond` and imported when one of their commands or events is met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from incidentkit.model import incident_commands as c
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.model.words import State
from incidentkit.rules.terms import LifecycleTerms

Decide: TypeAlias = Callable[[Incident, Any, datetime, str, LifecycleTerms], tuple[Event, ...]]
Evolve: TypeAlias = Callable[[Incident, Any, datetime], Incident]


@attrs.frozen
class Move:
    """One row of the table. `to=None`: the target is decided (resume, reopen), see `leads`.

    `keeps_candidate`: given to a candidate it does not accept it.
    """

    command: type[c.Command]
    sources: frozenset[State]
    to: State | None
    needs: tuple[str, ...]
    decide: Decide
    leads: tuple[State, ...] = ()
    keeps_candidate: bool = False

    @property
    def action(self) -> str:
        """The command's name."""
        return self.command.action

    @property
    def targets(self) -> tuple[State, ...]:
        """All states the row may lead to."""
        return self.leads or ((self.to,) if self.to else ())


@attrs.frozen
class Elsewhere:
    """A reaction of another record: which one, to what."""

    kind: str
    id: str


React: TypeAlias = Callable[[Incident, Any, LifecycleTerms], tuple[c.Command, ...]]
Hear: TypeAlias = Callable[[Incident, Any], tuple[Elsewhere, ...]]


@attrs.frozen
class Part:
    """What one noun brings to the tables of an incident.

    `reacts` is what the record owes to its own events, `elsewhere` who else must hear of them.
    """

    moves: tuple[Move, ...] = ()
    evolve: Mapping[type[Event], Evolve] = attrs.field(factory=dict[type[Event], Evolve])
    reacts: Mapping[type[Event], React] = attrs.field(factory=dict[type[Event], React])
    elsewhere: Mapping[type[Event], Hear] = attrs.field(factory=dict[type[Event], Hear])


EVERYWHERE = frozenset(State)
"""A command that makes sense in every state."""
NOT_OVER = EVERYWHERE - {State.CLOSED, State.CANCELLED}
"""A command that makes sense while the record may still change hands."""
