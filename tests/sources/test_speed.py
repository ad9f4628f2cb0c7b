"""What an alert costs: the budget is 3 us unbuilt (reading JSON included) and 6 us to build."""

from __future__ import annotations

import timeit

import pytest

from incidentkit.sources.alertmanager import Alertmanager
from tests.sources.payloads import alert, payload, request


@pytest.mark.bench
def test_a_thousand_alerts() -> None:
    source = Alertmanager()
    flood = request(payload(*map(alert, range(1_000))))
    items = source.items(flood)
    assert items is not None
    unbuilt = min(timeit.repeat(lambda: source.items(flood), number=20, repeat=7)) / 20
    built = min(timeit.repeat(lambda: list(map(source.build, items)), number=20, repeat=7)) / 20
    print(f"\n{len(flood.body) / 1_000:.0f} B an alert: items {unbuilt * 1e3:.2f} us", end=", ")
    print(f"build {built * 1e3:.2f} us")
    assert unbuilt < 0.006  # twice the budget: machines differ
    assert built < 0.012
