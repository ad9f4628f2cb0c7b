"""How the command line ends, and what it prints on: terminals, pipes, odd encodings."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from incidentkit.cli import demo, finding, page
from incidentkit.cli.main import GROUPS, main, make_parser
from incidentkit.cli.page import Page, Tone
from incidentkit.cli.running import Run
from incidentkit.cli.terminal import page_for
from tests.cli.conftest import Cli
from tests.meta import source


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_the_console_script_finds_it() -> None:
    module, _, name = source.pyproject()["project"]["scripts"]["incidentkit"].partition(":")
    assert getattr(importlib.import_module(module), name) is main


@pytest.mark.parametrize("group", GROUPS)
def test_every_file_of_commands_is_listed_with_its_commands(group: str) -> None:
    commands = argparse.ArgumentParser().add_subparsers()
    importlib.import_module(f"incidentkit.cli.{group}").add(commands)
    assert tuple(commands.choices) == GROUPS[group]


def test_a_command_imports_no_other() -> None:
    code = (
        "import sys; from incidentkit.cli.main import main; main(['policy', 'lint', 'default']); "
        "sys.exit('incidentkit.cli.demo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-I", "-c", code], check=False).returncode == 0


def test_without_a_command(cli: Cli) -> None:
    done = cli()
    assert (done.code, done.out) == (2, "")
    assert "demo" in done.err


def test_help(cli: Cli) -> None:
    done = cli("--help")
    assert done.code == 0
    commands = "demo capture work find show timeline explain review doctor verify policy diagram"
    for command in commands.split():
        assert f"    {command} " in done.out
        assert cli(command, "--help").code == 0


@pytest.mark.parametrize("argv", [["nonsense"], ["show"], ["find", "--state", "odd"]])
def test_wrong_use(cli: Cli, argv: list[str]) -> None:
    done = cli(*argv)
    assert (done.code, done.out) == (2, "")
    assert "usage: " in done.err


def test_debug_traceback(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INCIDENTKIT_DEBUG", "1")
    assert main(["find", "--store", str(tmp_path / "x")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Traceback")
    assert "\nerror: store: there is no file" in error


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt, 130), (BrokenPipeError, 141)])
def test_interrupted(
    monkeypatch: pytest.MonkeyPatch, raised: type[BaseException], code: int
) -> None:
    def stop(_: Any) -> int:
        raise raised

    monkeypatch.setattr(finding, "find", stop)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert main(["find"]) == code


@pytest.mark.skipif(sys.platform == "win32", reason="pipes close otherwise there")
def test_a_reader_that_goes_away(shown: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "incidentkit", "timeline", "INC-1"]
    command += ["--store", str(shown / "incidents.db")]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


# --- the page -----------------------------------------------------------------------------------


def test_pipes_get_plain_lines() -> None:
    made = page_for(io.StringIO(), {})
    assert type(made) is Page
    assert made.width is None


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"TERM": "unknown"}])
def test_dumb_terminals_get_plain_lines(environ: dict[str, str]) -> None:
    made = page_for(Terminal(), environ)
    assert type(made) is Page
    assert made.width


def test_terminals_of_other_encodings_get_plain_lines() -> None:
    terminal = Terminal()
    terminal.encoding = "latin-1"
    assert type(page_for(terminal, {})) is Page


def test_without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.delitem(sys.modules, "incidentkit.cli.rich_page", raising=False)
    made = page_for(Terminal(), {})
    assert type(made) is Page
    assert made.width


def filled(made: Page) -> str:
    made.title("A title")
    made.heading("A heading")
    made.say("a [bold]fact[/bold] of some length " * 3, Tone.GOOD, label="label", pad=8)
    made.say("", label="empty", pad=8)
    made.table(("ref", "title"), [("INC-1", "one :smile:"), ("INC-22", "two \x1b[31m")])
    made.block("as\n  it is", indent=2)
    assert isinstance(made.stream, io.StringIO)
    return made.stream.getvalue()


PLAIN = """\
A title
=======

A heading
---------
label   a [bold]fact[/bold] of
        some length a
        [bold]fact[/bold] of
        some length a
        [bold]fact[/bold] of
        some length
empty
ref     title
INC-1   one :smile:
INC-22  two \\x1b[31m
  as
    it is
"""


def test_plain_page() -> None:
    text = filled(Page(io.StringIO(), 32))
    assert text == PLAIN


def test_rich_page_has_the_same_lines() -> None:
    made = page_for(Terminal(), {"TERM": "xterm"})
    made.width = 32
    text = filled(made)
    assert "\x1b[1mlabel   \x1b[0m\x1b[32ma [bold]fact[/bold] of\x1b[0m" in text
    assert "one :smile:" in text
    assert "\x1b[31m" not in text


def test_no_color() -> None:
    made = page_for(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"})
    text = filled(made)
    assert "\x1b[32m" not in text
    assert "\x1b[36m" not in text
    assert "a [bold]fact[/bold]" in text


def test_a_narrow_table_puts_the_last_column_below() -> None:
    made = Page(io.StringIO(), 40)
    made.table(("ref", "a wide column", "title"), [("INC-1", "x" * 25, "the title")])
    assert isinstance(made.stream, io.StringIO)
    assert made.stream.getvalue().split("\n")[1:3] == [f"INC-1  {'x' * 25}", "    the title"]


def test_what_a_stream_cannot_write_is_escaped() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    Page(stream).say("50 €")
    stream.flush()
    assert raw.getvalue() == b"50 \\u20ac\n"


def test_complaints_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    page.complain("error: a\x1b[2J")
    assert capsys.readouterr().err == "error: a\\x1b[2J\n"


def test_demo_on_a_terminal(tmp_path: Path) -> None:
    args = make_parser().parse_args(["demo", "--dir", str(tmp_path)])
    terminal = Terminal()
    assert demo.demo(Run(args, page_for(terminal, {"TERM": "xterm"}))) == 0
    text = terminal.getvalue()
    assert "\x1b[36mdesk.receive" in text
    assert "\u256d" in text
