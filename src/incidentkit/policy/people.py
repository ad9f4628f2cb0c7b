"""A directory written down in a document of its own: parties, contacts, members of teams.

The tables are those of `[directory]` in a policy. Apart from it they can be kept by somebody else,
changed at any time, and forgotten: a policy stays in the journal for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from incidentkit.errors import PolicyError
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.party import Party
from incidentkit.policy.load import parsed
from incidentkit.policy.reading import Problems, plain, refusal
from incidentkit.policy.sections import directory
from incidentkit.policy.table import Table


def load_directory(document: Mapping[str, Any] | str) -> FrozenMap[str, Party]:
    r"""The parties of a table, or of TOML or JSON text: one table a party, under its name.

    >>> load_directory('[ana]\ncontacts = { sms = "+49 151 1" }')["ana"].contacts
    (Contact(channel='sms', address='+49 151 1'),)

    Raises PolicyError listing every problem with its path.
    """
    problems: Problems = []
    try:
        written = plain(parsed(document), "", problems)
    except PolicyError as error:
        raise PolicyError(error.problems, "directory") from None
    parties = directory.read(Table(written, "", problems))
    if problems:
        raise refusal(problems, "directory")
    return parties
