"""Stories told on the Django store: a project adopts by degrees, and is woken at night."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("django")

from tests.hosts import project
from tests.hosts.projects import migrated

project.set_up()

from incidentkit_django.store import DjangoStore

from incidentkit import Desk
from tests.scenarios import test_a_database_at_night as night
from tests.scenarios import test_e_by_degrees as degrees

STORIES: list[Callable[..., None]] = [
    night.test_with_nothing_configured_a_severe_alert_pages,
    night.test_while_the_own_store_is_away_nothing_is_lost_and_somebody_is_woken,
    degrees.test_the_first_answer_stands_whatever_the_rules_become,
    degrees.test_advice_is_a_draft_that_a_person_lets_go,
    degrees.test_the_shadow_report_says_what_would_have_happened,
    degrees.test_a_ticket_in_mid_life_is_taken_over_by_one_call,
    degrees.test_one_table_says_who_has_the_last_word_on_a_field,
    degrees.test_from_ten_per_cent_to_all_and_back_to_none,
]
EVERY_DAY = STORIES[:1] + STORIES[3:4]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def open_desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Opens desks on one migrated project, whatever URL is asked for."""
    uri = None if request.param == "sqlite" else request.getfixturevalue("server")
    with migrated(request.param, tmp_path, uri):
        yield lambda _, **given: Desk.open(store=DjangoStore(), **given)


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(story, id=story.__name__, marks=() if story in EVERY_DAY else pytest.mark.slow)
        for story in STORIES
    ],
)
def test_story(
    story: Callable[..., None],
    open_desk: Callable[..., Desk],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_hand: dict[str, Any] = {
        "open_desk": open_desk,
        "url": "django",
        "tmp_path": tmp_path,
        "monkeypatch": monkeypatch,
    }
    story(**{name: at_hand[name] for name in inspect.signature(story).parameters})
