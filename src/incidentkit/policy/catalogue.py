"""The lists of words that a policy gives for sorting records: categories and origins."""

from __future__ import annotations

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.policy.reading import nearest


@attrs.frozen
class Catalogue:
    """The categories of incidents and problems, and the origins of problems.

    A list that is closed refuses every other word; one that is open only suggests.
    """

    categories: tuple[str, ...] = ()
    closed_categories: bool = False
    origins: tuple[str, ...] = ()
    closed_origins: bool = False

    def check_category(self, category: str) -> str:
        """The category itself. Raises InvalidValue for one that a closed list does not have."""
        return _checked("category", category, self.categories, self.closed_categories)

    def check_origin(self, origin: str) -> str:
        """The origin itself. Raises InvalidValue for one that a closed list does not have."""
        return _checked("origin", origin, self.origins, self.closed_origins)


def _checked(field: str, word: str, words: tuple[str, ...], closed: bool) -> str:
    if closed and word and word not in words:
        problem = f"{word[:80]!r} is not listed, and the list is closed{nearest(word, words)}"
        raise InvalidValue(field, problem)
    return word
