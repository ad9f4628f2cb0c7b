"""Zones by name: what there is, what there is not, and what a machine without them cannot say."""

from __future__ import annotations

import pytest

from incidentkit.timing import zones


@pytest.mark.parametrize("name", ["Europe/Zurich", "UTC"])
def test_a_zone_that_there_is(name: str) -> None:
    found = zones.zone_named(name)
    assert found is not None
    assert found.key == name
    assert not zones.no_zone(name)
    assert name in zones.zone_names()


@pytest.mark.parametrize("name", ["Mars/Base", "", "/etc/passwd", "../UTC", "Europe", "a\0b"])
def test_a_zone_that_there_is_not(name: str) -> None:
    assert zones.zone_named(name) is None
    assert zones.no_zone(name)


def test_a_machine_without_zones_judges_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zones, "_has_zones", lambda: False)
    assert not zones.no_zone("Mars/Base")
