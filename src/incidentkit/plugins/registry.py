"""Names and who took them: the same name twice is refused, naming both sides.

One thing may be replaced: what is built in, by what the host itself hands over.
"""

from __future__ import annotations

from incidentkit.errors import PluginConflict
from incidentkit.plugins.origin import Given, Origin
from incidentkit.plugins.shapes import Role

_REMEDY = {
    Role.STORE: "give one another scheme",
    Role.BLOBS: "give one another scheme",
    Role.DIRECTORY: "one is enough",
    Role.AUTHORISER: "one is enough",
    Role.REFERENCES: "one is enough",
}


class Registry:
    """What plugins brought so far, by role and name."""

    def __init__(self) -> None:
        self._named: dict[tuple[Role, str], tuple[object, Origin]] = {}
        self._nameless: list[tuple[Role, object, Origin]] = []

    def add(self, role: Role, name: str, value: object, origin: Origin) -> None:
        """Take it in, or raise PluginConflict."""
        if not name:
            self._add_nameless(role, value, origin)
            return
        known = self._named.get((role, name))
        if known is not None and not _may_replace(known[1], origin):
            remedy = _REMEDY.get(role, "give one another name")
            raise PluginConflict(
                f"{role} {name!r} comes twice: from {known[1]} and from {origin}; {remedy}, "
                "or leave one out"
            )
        self._named[role, name] = (value, origin)

    def _add_nameless(self, role: Role, value: object, origin: Origin) -> None:
        for other, known, by in self._nameless:
            if other is role and known is value:
                raise PluginConflict(
                    f"the same {role} comes twice: from {by} and from {origin}; {_REMEDY[role]}"
                )
        self._nameless.append((role, value, origin))

    def named(self, role: Role) -> dict[str, object]:
        """Everything of the role in the order of names."""
        found = {name: value for (of, name), (value, _) in self._named.items() if of is role}
        return dict(sorted(found.items()))

    def nameless(self, role: Role) -> tuple[object, ...]:
        """Everything of the role in the order of its plugins' names."""
        found = [(by.plugin, value) for of, value, by in self._nameless if of is role]
        return tuple(value for _, value in sorted(found, key=lambda each: each[0]))

    def origins(self) -> list[tuple[object, Origin]]:
        """Everything, each with where it came from."""
        named = list(self._named.values())
        return [*named, *((value, by) for _, value, by in self._nameless)]


def _may_replace(known: Origin, new: Origin) -> bool:
    return known.given is Given.BUILT_IN and new.given is Given.HANDED
