"""Messages in a file."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from incidentkit.channels.file import FileChannel
from incidentkit.model.delivery import Sent
from tests.channels.messages import message


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def test_a_line_a_message(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    channel = FileChannel(path)
    assert channel.send(message(text="a\nb é \u2028")) == Sent("k1")
    assert channel.send(message("k2")) == Sent("k2")
    first, second = lines(path)
    assert first == {
        "key": "k1",
        "kind": "page",
        "channel": "sms",
        "party": "ana",
        "to": "+49 30 1",
        "title": "Checkout answers 502",
        "text": "a\nb é \u2028",
        "ref": "INC-1",
        "priority": "P1",
        "fields": {},
        "version": 0,
    }
    assert second["key"] == "k2"
    assert "hush" not in path.read_text(encoding="ascii")


def test_it_is_on_disk_before_it_counts_as_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out"
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(path.read_text(encoding="ascii")))
    FileChannel(path).send(message())
    assert synced == [path.read_text(encoding="ascii")] != [""]


def test_the_file_is_private(tmp_path: Path) -> None:
    FileChannel(str(tmp_path / "out")).send(message())
    mode = stat.S_IMODE((tmp_path / "out").stat().st_mode)
    assert mode & 0o077 == 0 or os.name != "posix"


def test_a_line_cut_by_a_crash_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b'{"key": "k0", "ti')
    FileChannel(path).send(message())
    torn, whole = path.read_bytes().splitlines()
    assert torn == b'{"key": "k0", "ti'
    assert json.loads(whole)["key"] == "k1"


def test_it_may_be_rotated(tmp_path: Path) -> None:
    path = tmp_path / "out"
    channel = FileChannel(path)
    channel.send(message())
    path.rename(tmp_path / "old")
    channel.send(message("k2"))
    assert [line["key"] for line in lines(path)] == ["k2"]


def test_threads_and_channels_on_one_file(tmp_path: Path) -> None:
    path = tmp_path / "out"
    channels = [FileChannel(path), FileChannel(path)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: channels[n % 2].send(message(str(n))), range(100)))
    keys = {json.loads(line)["key"] for line in path.read_text().splitlines() if line}
    assert keys == set(map(str, range(100)))


def test_trouble_with_the_file_is_raised(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        FileChannel(tmp_path / "missing" / "out").send(message())
