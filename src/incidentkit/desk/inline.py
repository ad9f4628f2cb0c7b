"""A small directory written down where the desk is opened, for hosts that have no other."""

from __future__ import annotations

from collections.abc import Mapping

from incidentkit.errors import InvalidValue
from incidentkit.model.people import Contact


class InlineDirectory:
    """Parties and their addresses by channel: `{"ana": {"sms": "+49 151 ..."}}`.

    Raises InvalidValue for anything of another shape.
    """

    name = "inline directory"
    deadline = None
    """It is at hand: nothing is waited for."""

    def __init__(self, parties: Mapping[str, Mapping[str, str]]) -> None:
        self._contacts: dict[str, tuple[Contact, ...]] = {}
        for party, addresses in parties.items():
            try:
                pairs = tuple(addresses.items())
            except AttributeError:
                problem = f"{party!r} must map channels to addresses, e.g. {{'sms': '+49...'}}"
                raise InvalidValue("directory", problem) from None
            self._contacts[party] = tuple(Contact(channel, to) for channel, to in pairs)

    def contacts(self, party: str) -> tuple[Contact, ...]:
        """The party's addresses; none when it is not written down."""
        return self._contacts.get(party, ())

    def revision(self) -> str:
        """Written down once, so there is one revision."""
        return "inline"
