"""Who exists and who may: the directory and the authoriser of the host."""

from __future__ import annotations

from typing import Protocol

from incidentkit.lang.conditions import Condition
from incidentkit.model.people import Contact
from incidentkit.rules.authorise import Permission


class Directory(Protocol):
    """What the host knows of parties.

    It may be slow or down: the last good answer is then used, and said to be so.
    """

    def contacts(self, party: str) -> tuple[Contact, ...]:
        """How the party is reached; empty when it is not known (the bare name is used then)."""
        ...

    def revision(self) -> str:
        """A name for the present content, journaled with decisions that used it."""
        ...


class Authoriser(Protocol):
    """Who may do and see what.

    It fails closed: an error is a refusal, but for acknowledging one's own page.
    """

    def may(self, actor: str, action: str, subject: str) -> Permission:
        """May the actor do this? `subject` is `kind/reference`, or the kind for a new record."""
        ...

    def scope(self, actor: str, kind: str) -> Condition | None:
        """What the actor may see of a kind, as a condition over its index columns.

        None means nothing at all. It is pushed into find, load and count alike.
        """
        ...


class Anchor(Protocol):
    """A place outside the store that keeps the head of the seals, against a rewritten store."""

    @property
    def name(self) -> str:
        """The name shown in a verification."""
        ...

    def keep(self, tenant: str, seq: int, head: str) -> None:
        """Keep the head of the tenant's seals."""
        ...

    def latest(self, tenant: str) -> tuple[int, str] | None:
        """The last head kept, or None."""
        ...
