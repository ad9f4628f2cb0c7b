"""A hook that has no page with its exact signature, or no test, does not exist."""

from __future__ import annotations

import ast
import re
import types
from collections.abc import Iterator

import pytest

from tests.meta import source

PAGES = source.DOCS / "reference" / "hooks"
PREFIX = "incidentkit_"


def _is_marked(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("hookspec" in ast.unparse(decorator).lower() for decorator in node.decorator_list)


def signatures() -> Iterator[tuple[str, str]]:
    """Each hook's name and its signature as written, without `self`."""
    plugins = source.PACKAGE / "plugins"
    for path in source.files():
        if (
            not path.is_relative_to(plugins)
            or "hookspecs" not in path.relative_to(plugins).as_posix()
        ):
            continue
        for node in ast.walk(source.tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_marked(node):
                if node.args.args and node.args.args[0].arg == "self":
                    del node.args.args[0]
                returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
                yield node.name, f"{node.name}({ast.unparse(node.args)}){returns}"


HOOKS = dict(signatures())


def squeezed(text: str) -> str:
    """Without what a formatter may change: white space, a trailing comma, the kind of quotes."""
    return re.sub(r",(?=[)\]])", "", re.sub(r"\s+", "", text)).replace('"', "'")


def test_there_are_hooks() -> None:
    assert HOOKS, "no function in incidentkit.plugins.hookspecs is marked as a hook specification"


def test_hooks_are_those_that_pluggy_sees() -> None:
    import pluggy

    import incidentkit.plugins.hookspecs as hookspecs

    manager = pluggy.PluginManager("incidentkit")
    holders: list[types.ModuleType | type] = [
        hookspecs,
        *(each for each in vars(hookspecs).values() if isinstance(each, type)),
    ]
    seen = {
        name
        for holder in holders
        for name in dir(holder)
        if name.startswith(PREFIX) and manager.parse_hookspec_opts(holder, name) is not None
    }
    assert seen == set(HOOKS)


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_hook_has_its_name(hook: str) -> None:
    assert hook.startswith(PREFIX)


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_hook_has_a_page_with_its_signature(hook: str) -> None:
    page = PAGES / f"{hook}.md"
    assert page.is_file(), f"docs/reference/hooks/{hook}.md is missing"
    text = page.read_text(encoding="utf-8")
    assert re.search(rf"^#+ .*{hook}", text, flags=re.MULTILINE), f"no heading names {hook}"
    assert squeezed(HOOKS[hook]) in squeezed(text), f"write the exact signature:\n{HOOKS[hook]}"


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_hook_has_a_test(hook: str) -> None:
    meta = source.TESTS / "meta"
    assert any(
        hook in path.read_text(encoding="utf-8")
        for path in source.TESTS.rglob("*.py")
        if not path.is_relative_to(meta)
    ), f"no test under tests/ mentions {hook}"


def test_no_page_is_left_of_a_hook_that_went() -> None:
    pages = {path.stem for path in PAGES.glob(f"{PREFIX}*.md")}
    assert pages <= set(HOOKS), f"pages of no hook: {sorted(pages - set(HOOKS))}"
