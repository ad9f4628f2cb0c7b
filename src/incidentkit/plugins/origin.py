"""Where something came from, so that a message can name both sides of a conflict."""

from __future__ import annotations

from enum import StrEnum

import attrs


class Given(StrEnum):
    """How something reached the desk."""

    BUILT_IN = "built_in"
    INSTALLED = "installed"
    HANDED = "handed"


@attrs.frozen
class Origin:
    """The plugin that brought something, and the distribution it was installed with.

    >>> str(Origin("acme", Given.INSTALLED, "acme-incidents 1.2"))
    "plugin 'acme' of acme-incidents 1.2"
    """

    plugin: str
    given: Given
    distribution: str = ""
    argument: str = ""

    def __str__(self) -> str:
        if self.argument:
            return f"the argument {self.argument}"
        if self.distribution:
            return f"plugin {self.plugin!r} of {self.distribution}"
        how = "built in" if self.given is Given.BUILT_IN else "handed to the desk"
        return f"plugin {self.plugin!r} {how}"


HOST = "host"
"""The plugin name of whatever the host hands over as an object."""


def argument(name: str) -> Origin:
    """The origin of an object handed to the desk."""
    return Origin(HOST, Given.HANDED, argument=name)
