"""The signature changes with whatever counts, and with nothing else (its codec: tests/codec)."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import Alert, Beat
from incidentkit.model.signature import beat_signature, signature
from incidentkit.model.words import AlertSeverity, AlertStatus

BEAT = Beat("cron", "backup", timedelta(hours=1), "db")
ALERT = Alert(
    "cron",
    "k",
    AlertStatus.FIRING,
    "Late",
    AlertSeverity.ERROR,
    "",
    None,
    "",
    FrozenMap({"a": "1", "b": "2"}),
    FrozenMap(),
)


@pytest.mark.parametrize(
    "change",
    [
        {"source": "timer"},
        {"key": "restore"},
        {"every": timedelta(hours=2)},
        {"service": "shop"},
        {"service": None},
        {"source": "cronbackup", "key": "x"},
    ],
)
def test_a_beat_with_anything_changed_is_no_repeat(change: dict[str, object]) -> None:
    assert beat_signature(BEAT) == beat_signature(attrs.evolve(BEAT))
    assert beat_signature(attrs.evolve(BEAT, **change)) != beat_signature(BEAT)  # type: ignore[arg-type]


def test_the_same_alert_in_another_order_is_a_repeat() -> None:
    turned = attrs.evolve(ALERT, labels=FrozenMap({"b": "2", "a": "1"}))
    assert signature(turned) == signature(ALERT)
    moved = attrs.evolve(ALERT, labels=FrozenMap({"a": "2", "b": "1"}))
    assert signature(moved) != signature(ALERT)


def test_text_cannot_move_between_fields_even_with_nul() -> None:
    """Labels and extra are not checked here, so a frame must hold where the separator occurs."""
    one = attrs.evolve(ALERT, extra=FrozenMap({"x": "1\0y", "z": "2"}))
    other = attrs.evolve(ALERT, extra=FrozenMap({"x": "1", "y\0z": "2"}))
    assert len({signature(one), signature(other), signature(ALERT)}) == 3
