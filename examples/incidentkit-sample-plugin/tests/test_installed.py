"""It is found by its entry point, with nothing handed over."""

from __future__ import annotations

import pytest

from incidentkit import Desk


def test_every_desk_finds_it(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("PINGBOT_SECRET", "s3cret")
    monkeypatch.setenv("POST_URL", "http://127.0.0.1:9/")
    with Desk.open(f"dir:///{tmp_path}/store") as desk:
        found = desk.ports.plugins
        assert "sample" in [origin.plugin for origin in found.plugins]
        assert "dir" in found.stores
        assert "pingbot" in found.sources
        assert "post" in found.channels
        assert desk.faults == ()


def test_it_can_be_left_out() -> None:
    with Desk.open("memory:", entry_points=False) as desk:
        assert "dir" not in desk.ports.plugins.stores
