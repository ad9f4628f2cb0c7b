"""The boundary with `await`. Written from `guarding.py`; see ADR 4."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from incidentkit.desk.async_part import AsyncPart
from incidentkit.errors import IncidentKitError, StoreError
from incidentkit.flows.effects import Flow
from incidentkit.flows.setting import Setting

if TYPE_CHECKING:
    from incidentkit.flows.sight import Sight

T = TypeVar("T")


class AsyncGuarding(AsyncPart):
    """What `Desk` runs, and for whose eyes."""

    @abstractmethod
    async def _run(
        self,
        make: Callable[[], Flow[T]],
        action: str = "call",
        *,
        repeatable: bool = False,
        setting: Setting | None = None,
        remembers: bool = False,
    ) -> T: ...

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
        """Run a flow to its end; on a conflict a new one is made and decides again.

        For hosts that write flows of their own: `make` must give a fresh flow at each call, and
        what it reads is what the desk's actor may see. A flow that is handed over with its
        `setting` has to ask for permission by itself (`incidentkit.flows.gate.authorise`); so has
        one that is run `whole`. With `remembers` the first try may rest on remembered records;
        whatever it leads to but a commit is decided again on fresh ones.
        """
        around = None if whole else (setting or await self.setting())
        if around is None or not around.guarded:
            return await self._run(
                make, action, repeatable=repeatable, setting=setting, remembers=remembers
            )
        from incidentkit.flows.sight import Sight
        from incidentkit.flows.withholding import shown, told

        sight = Sight(around, action, people=setting is not None)
        seen = make if setting is not None else lambda: sight.through(make())
        if sight.full or (setting is not None and sight.system):
            seen = make
        try:
            value = await self._run(
                seen, action, repeatable=repeatable, setting=setting, remembers=remembers
            )
        except StoreError:
            raise
        except IncidentKitError as error:
            if sight.full or sight.system:
                raise
            failed = error
            restated = await self._run(lambda: told(sight, failed), action)
            if restated is failed:
                raise
            raise restated from None
        if sight.full or sight.system:
            return value
        value = await self._run(lambda: shown(sight, value), action)
        if sight.read:
            await self._read(sight, around)
        return value

    async def _read(self, sight: Sight, around: Setting) -> None:
        """Write down who read what stands under a strict label.

        Where that cannot be written, the read is answered all the same, and `faults` tells of it.
        """
        from incidentkit.flows.reading_audit import note

        try:
            await self._run(
                lambda: note(around, tuple(sight.read.items()), sight.action),
                "read audit",
                setting=around,
            )
        except (IncidentKitError, OSError) as error:
            refs = ", ".join(sorted(ref for ref, _ in sight.read.values()))
            said = f"{around.by} read {refs} ({sight.action}), and it is not written down: {error}"
            kind = type(error).__name__
            self.ports.guard.faults.record("access", "read_audit", said[:500], kind)
