"""What a part rests on, with `await`. Written from `part.py`; see ADR 4."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from incidentkit.desk.building import Subject
from incidentkit.desk.joint import Joint
from incidentkit.desk.ports import Ports
from incidentkit.flows.effects import Flow
from incidentkit.flows.kinds import Record
from incidentkit.flows.setting import Setting
from incidentkit.ids import TenantName
from incidentkit.model.incident import Incident
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import JournalEntry
from incidentkit.policy.document import Policy

if TYPE_CHECKING:
    from datetime import datetime

    from incidentkit.flows.receive import Received
    from incidentkit.model.problem import Problem
    from incidentkit.model.signals import SourceRequest

T = TypeVar("T")


class AsyncPart:
    """What a part of `AsyncDesk` rests on."""

    @property
    @abstractmethod
    def ports(self) -> Ports:
        """The desk's connections."""

    @property
    @abstractmethod
    def joint(self) -> Joint | None:
        """The transaction of a host that it is inside of, if it is."""

    @property
    @abstractmethod
    def tenant_name(self) -> str:
        """The tenant it reads and writes for."""

    @property
    @abstractmethod
    def tenant_of(self) -> TenantName:
        """The same, as ports know it."""

    @property
    @abstractmethod
    def actor(self) -> str:
        """Who acts when `by` is not given."""

    @abstractmethod
    def at(self, tenant: str) -> AsyncPart:
        """The same desk as the system of a tenant."""

    @abstractmethod
    def as_(self, actor: str) -> AsyncPart:
        """The same desk for another actor."""

    @abstractmethod
    async def observed(self, hook: str, value: object) -> None:
        """Tell observers something."""

    @abstractmethod
    async def _receive(
        self, source: str, taken: SourceRequest, request: str | None, at: datetime | None
    ) -> Received: ...

    @abstractmethod
    async def run(
        self,
        make: Callable[[], Flow[T]],
        action: str = "call",
        *,
        repeatable: bool = False,
        setting: Setting | None = None,
        remembers: bool = False,
        whole: bool = False,
    ) -> T:
        """Run a flow to its end."""

    @abstractmethod
    async def setting(self, by: str | None = None, request: str | None = None) -> Setting:
        """The surroundings in which a call of this desk is decided."""

    @abstractmethod
    async def policy(self) -> Policy:
        """The policy in force."""

    @abstractmethod
    async def get(self, of: Subject) -> Record:
        """A record as it stands now. Raises NotFound."""

    @abstractmethod
    async def incident(self, of: Subject) -> Incident:
        """An incident as it stands now. Raises NotFound."""

    @abstractmethod
    async def problem(self, of: Subject) -> Problem:
        """A problem as it stands now. Raises NotFound."""

    @abstractmethod
    async def journal(self, of: Subject) -> tuple[JournalEntry, ...]:
        """Everything that happened to a record, as data. Raises NotFound."""

    @abstractmethod
    async def _incident(
        self, command: Command, by: str | None, request: str | None
    ) -> Incident: ...
