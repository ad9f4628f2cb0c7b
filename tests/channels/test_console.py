"""Messages on a terminal."""

from __future__ import annotations

import io
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentkit.channels.console import ConsoleChannel, block
from incidentkit.channels.plain import shown
from incidentkit.model.delivery import Sent
from incidentkit.model.words import MessageKind
from tests.channels.messages import message


def test_a_block(capsys: pytest.CaptureFixture[str]) -> None:
    assert ConsoleChannel().send(message()) == Sent("k1")
    assert capsys.readouterr().out == (
        "PAGE P1 INC-1 to ana <+49 30 1>: Checkout answers 502\n    14 of 20 requests fail.\n"
    )


@pytest.mark.parametrize(
    ("changes", "shown_as"),
    [
        ({"to": "ana", "text": ""}, "PAGE P1 INC-1 to ana: Checkout answers 502\n"),
        ({"to": "ana", "text": "Checkout answers 502"}, "PAGE P1 INC-1 to ana: Checkout answers"),
        ({"kind": MessageKind.NOTICE, "priority": "", "to": "ana"}, "NOTICE INC-1 to ana: "),
        ({"text": "a\r\nb\n\nc\n"}, "502\n    a\n    b\n\n    c\n"),
        ({"title": "a\nPAGE P1 b"}, ": a\\nPAGE P1 b\n"),
        ({"text": "a\x1b[2J\u202eb\u2028c"}, "    a\\x1b[2J\\u202eb\\u2028c\n"),
        (
            {"title": "11\u00a0000 \U0001f469\u200d\U0001f4bb"},
            ": 11 000 \U0001f469\u200d\U0001f4bb",
        ),
    ],
)
def test_how_it_is_shown(changes: dict[str, str], shown_as: str) -> None:
    assert shown_as in block(message(**changes))


def test_the_answer_token_is_not_shown() -> None:
    assert "hush" not in block(message())


def test_a_stream_that_cannot_write_all_characters() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    ConsoleChannel(stream).send(message(title="50 €", text=""))
    assert raw.getvalue().endswith(b": 50 \\u20ac\n")


def test_blocks_of_threads_do_not_mix() -> None:
    stream = io.StringIO()
    channel = ConsoleChannel(stream)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: channel.send(message()), range(200)))
    assert stream.getvalue() == block(message()) * 200


@given(st.text())
def test_nothing_of_a_stranger_is_obeyed(text: str) -> None:
    for lines in (False, True):
        for each in shown(text, lines=lines):
            allowed = "\u200c\u200d\n\t" if lines else "\u200c\u200d"
            assert each in allowed or unicodedata.category(each) not in {"Cc", "Cf", "Zl", "Zp"}
    assert block(message(title=text, text="")).count("\n") == 1
