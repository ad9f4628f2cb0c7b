"""The mappings of histories that come with the library, and those that a user writes."""

from __future__ import annotations

import tomllib
from pathlib import Path

from incidentkit.errors import InvalidValue, NotFound, PolicyError
from incidentkit.lang.histories import HistoryMapping
from incidentkit.lang.histories.parsing import parse
from incidentkit.rules.prioritise import Matrix

SUFFIX = ".toml"


def shipped() -> tuple[str, ...]:
    """The names of the mappings that come with the library."""
    return tuple(sorted(x.stem for x in Path(__file__).parent.glob(f"*{SUFFIX}")))


def mapping_of(name: str | Path) -> HistoryMapping:
    """The mapping of a name that is shipped, or of a TOML file.

    Raises NotFound for a name that is neither, InvalidValue for a file that cannot be read,
    PolicyError for mistakes in it.
    """
    place = Path(name)
    if str(name) in shipped():
        place = Path(__file__).with_name(f"{name}{SUFFIX}")
    elif not place.exists():
        raise NotFound("mapping", str(name), (*shipped(), "or a file"))
    try:
        text = place.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise InvalidValue("mapping", f"{place} cannot be read: {problem}") from None
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise PolicyError(((str(place), f"is not TOML: {error}"),), "mapping") from None
    mapping = parse(data)
    _ = matrix_of(mapping)
    return mapping


def matrix_of(mapping: HistoryMapping) -> Matrix | None:
    """The source's own matrix, where its mapping has one.

    Raises PolicyError naming what is wrong with it.
    """
    scales = mapping.scales
    if scales is None:
        return None
    try:
        return Matrix(scales.name, scales.impacts, scales.urgencies, scales.cells, scales.assume)
    except InvalidValue as error:
        raise PolicyError((("matrix", error.problem),), "mapping") from None
