"""The library's own source, as the meta-tests read it: from the checkout or an installed wheel."""

from __future__ import annotations

import ast
import functools
import importlib.util
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TESTS = ROOT / "tests"

#: Rooms that decide and never touch the world.
PURE = ("errors", "ids", "timing", "model", "lang", "rules", "policy")


def _package() -> Path:
    spec = importlib.util.find_spec("incidentkit")
    if spec is None or spec.origin is None:
        raise RuntimeError("incidentkit is not installed, or has no __init__.py")
    return Path(spec.origin).parent


PACKAGE = _package()


def files() -> list[Path]:
    """Every Python file of the library."""
    return sorted(PACKAGE.rglob("*.py"))


def name(path: Path) -> str:
    """The path as messages give it."""
    return path.relative_to(PACKAGE.parent).as_posix()


@functools.cache
def text(path: Path) -> str:
    """The file's text."""
    return path.read_text(encoding="utf-8")


@functools.cache
def tree(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(text(path), filename=str(path))


def room(path: Path) -> str:
    """The room that a file belongs to: `rules`, `errors`, or `__init__` for the front door."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def pyproject() -> dict[str, Any]:
    """The project's own settings."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
