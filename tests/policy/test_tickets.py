"""The sections about a host's tickets: what they mean, and what is refused in them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incidentkit import Mode, load_policy
from incidentkit.errors import PolicyError
from incidentkit.rules.ownership import Owner


def test_nobody_is_enrolled_and_whoever_wrote_last_is_heard_until_a_policy_says_otherwise() -> None:
    policy = load_policy({})
    assert (policy.enrol.mode, policy.enrol.share) == (Mode.NONE, 100)
    assert policy.ownership.of("title") is Owner.LAST_WRITER


def test_what_a_policy_says_is_read() -> None:
    policy = load_policy(
        """
        [enrol]
        mode = "advise"
        when = 'ticket.queue == "it" and ticket.system == "desk"'
        share = 10
        fresh_for = "1m"
        [ownership]
        title = "host"
        priority = "library"
        """
    )
    assert (policy.enrol.mode, policy.enrol.share) == (Mode.ADVISE, 10)
    assert policy.enrol.fresh_for == timedelta(minutes=1)
    assert policy.enrol.when.holds({"ticket": {"queue": "it", "system": "desk"}})
    assert [policy.ownership.of(x) for x in ("title", "priority", "team")] == [
        Owner.HOST,
        Owner.LIBRARY,
        Owner.LAST_WRITER,
    ]


def test_each_mistake_is_told_with_its_place() -> None:
    wrong = {
        "enrol": {"mode": "loud", "share": 101, "when": "queue == 1", "who": "x"},
        "ownership": {"title": "nobody", "colour": "host"},
    }
    with pytest.raises(PolicyError) as error:
        load_policy(wrong)
    assert sorted(path for path, _ in error.value.problems) == [
        "enrol.mode",
        "enrol.share",
        "enrol.when",
        "enrol.who",
        "ownership.colour",
        "ownership.title",
    ]
