"""`[access]`: what is read, and each mistake with its path."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from incidentkit.errors import PolicyError
from incidentkit.model.labels import Tlp
from incidentkit.policy.load import default_policy, load_policy
from incidentkit.rules.access import OPEN_WORLD


def test_without_a_word_the_world_is_open() -> None:
    found = default_policy().access
    assert found == OPEN_WORLD
    assert not found.on


def test_everything_is_read() -> None:
    found = load_policy(
        {
            "access": {
                "on": True,
                "everybody": "",
                "read_audit": "red",
                "read_audit_every": "5m",
                "break_glass_for": "20m",
                "break_glass_tells": ["sec"],
                "teams": {"db": ["ana"]},
                "roles": {
                    "viewer": {"members": ["*"], "label": "clear"},
                    "doctor": {"may": ["respond", "reopen@closed"], "compartments": ["patients"]},
                },
                "inside": {"watcher": ["note"]},
            }
        }
    )
    terms = found.access
    assert (terms.on, terms.everybody, terms.read_audit) == (True, "", Tlp.RED)
    assert (terms.read_audit_every, terms.glass_for) == (
        timedelta(minutes=5),
        timedelta(minutes=20),
    )
    assert found.lifecycle.glass_for == terms.glass_for
    assert terms.tells == ("sec",)
    assert terms.names("ana") == ("ana", "db")
    assert terms.roles["viewer"].label is Tlp.CLEAR
    assert terms.roles["viewer"].may == ("report", "follow"), "what is not said stays"
    assert terms.roles["doctor"].may == ("respond", "reopen@closed")
    assert terms.inside["watcher"] == ("note",)
    assert "admin" in terms.roles


@pytest.mark.parametrize(
    ("access", "path"),
    [
        ({"everybody": "nobody"}, "access.everybody"),
        ({"read_audit": "pink"}, "access.read_audit"),
        ({"break_glass_for": "0m"}, "access.break_glass_for"),
        ({"roles": {"x": {"may": ["fly"]}}}, "access.roles.x.may"),
        ({"roles": {"x": {"may": ["start@moon"]}}}, "access.roles.x.may"),
        ({"roles": {"x": {"label": "pink"}}}, "access.roles.x.label"),
        ({"roles": {"x": {"compartments": list("abcdefghi")}}}, "access.roles.x.compartments"),
        ({"roles": {"x": {"zzz": 1}}}, "access.roles.x.zzz"),
        ({"inside": {"owner": ["fly"]}}, "access.inside.owner"),
        ({"zzz": 1}, "access.zzz"),
        ({"everybody": 5}, "access.everybody"),
    ],
)
def test_mistakes(access: dict[str, Any], path: str) -> None:
    with pytest.raises(PolicyError) as wrong:
        _ = load_policy({"access": access})
    assert [each for each, _ in wrong.value.problems] == [path]
