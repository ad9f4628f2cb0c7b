"""Who exists and who may: the directory and the authoriser of the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from incidentkit.lang.conditions import Condition
from incidentkit.model.people import Contact
from incidentkit.rules.authorise import Permission

if TYPE_CHECKING:
    from incidentkit.model.party import Party


class Directory(Protocol):
    """What the host knows of parties.

    It may be slow or down: the last good answer is then used, and said to be so. A look takes at
    most the desk's `directory_deadline`, or the object's own `deadline` in seconds; where that is
    None it is asked in the thread of the caller and may take its time.
    """

    def contacts(self, party: str) -> tuple[Contact, ...]:
        """How the party is reached; empty when it is not known (the bare name is used then)."""
        ...

    def revision(self) -> str:
        """A name for the present content, journaled with decisions that used it."""
        ...


@runtime_checkable
class SupportsMembers(Protocol):
    """A directory that knows what teams and roles are made of."""

    def members(self, party: str) -> tuple[str, ...]:
        """The parties that this one is made of; empty for a person or an unknown party."""
        ...


@runtime_checkable
class SupportsParties(Protocol):
    """A directory that knows more of a party than its contacts."""

    def party(self, name: str) -> Party | None:
        """What is known of a party; None when it is unknown."""
        ...


@runtime_checkable
class SupportsComplaint(Protocol):
    """A directory that goes on with what it knew last when it cannot look anew."""

    def complaint(self) -> str:
        """Why its answers are old; empty when they are not."""
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


class ReferenceNumbers(Protocol):
    """The host's own numbers for incidents that begin here, such as those of its tickets.

    Asked again when a commit is decided again, so a number may be left unused.
    """

    def reference(self, kind: str, title: str) -> str:
        """The reference of a record that begins; empty leaves it to the library's own series."""
        ...
