"""Where the same incident is known elsewhere: a host's ticket, a bridge, a chat room."""

from __future__ import annotations

import re
from typing import Any

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.model import checks

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):\S")
_ACTIVE = frozenset(("javascript", "data", "vbscript", "file", "blob"))


def _url(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    text = checks.check_text(value, attribute.name, 2_048)
    if not text:
        return
    scheme = _SCHEME.match(text)
    if scheme is None or not text.isprintable() or " " in text:
        raise InvalidValue(attribute.name, f"{text[:80]!r} is no URL; write e.g. 'https://...'")
    if scheme[1].lower() in _ACTIVE:
        raise InvalidValue(attribute.name, f"{scheme[1]}: is not linked to, since it could do harm")


@attrs.frozen
class Reference:
    """The key under which another system knows this incident; unique by system and key.

    Raises InvalidValue for a URL that is none, or whose scheme runs code where it is shown.
    """

    system: str = attrs.field(validator=checks.name)
    key: str = attrs.field(validator=checks.name)
    url: str = attrs.field(default="", validator=_url)
    title: str = attrs.field(default="", validator=checks.text(checks.TITLE_LIMIT))
