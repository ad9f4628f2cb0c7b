"""The sections of a policy that say what lies over the life-cycle."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from incidentkit.model.words import Priority, PublicState, State
from incidentkit.policy.load import default_policy, load_policy
from incidentkit.rules.overlay_terms import (
    FOLLOWS,
    ChecklistItem,
    OverlayTerms,
    RoleTerm,
    StatusTerm,
)
from tests.policy.test_load import problems

EVERYTHING = """
[lifecycle]
acting_commander = "always"

[major]
duty = "mim"
answer_within = "10m"
accept_when_silent = false
staffed_within = "3m"
proposes_problem = false

[[major.rules]]
name = "the hospital"
when = 'incident.service == "ward" and incident.children > 3'
action = "accept"

[roles.scribe]
holders = "many"

[roles.commander]
pages = false

[public]
when = 'incident.priority in ["P1", "P2"]'
[public.follows]
triaged = "identified"
mitigated = "identified"

[[statuses]]
name = "Awaiting caller"
category = "on_hold"
hold_reason = "caller"
court = "the caller"

[[statuses]]
name = "Active"
category = "in_progress"
default = true

[regions.security]
states = ["contain", "eradicate"]
moves = [
    { from = "contain", to = "eradicate", name = "contained" },
    { from = "eradicate", to = "contain" },
]

[checklists.majors]
when = 'incident.major == "accepted"'
items = [
    { title = "Open the bridge", assign = "$commander", due = "10m" },
    { title = "Write it up", phase = "review", after = [1] },
]

[checklists.quiet]
items = []

[autoclose]
basis = "updated"
after = { P3 = "7d", P4 = "3d", P5 = "never" }

[targets.resolve]
major_never_pauses = true

[audiences.board]
members = ["eve", "$owner"]

[[notices]]
audience = "$responders"
on = ["major_accepted", "task_overdue"]
template = "$incident.ref is major: $incident.major"
"""


def test_everything_can_be_set() -> None:
    policy = load_policy(EVERYTHING)
    terms = policy.lifecycle.overlays
    assert terms.acting_always
    major = terms.major
    assert (major.duty, major.answer_within, major.staffed_within) == (
        "mim",
        timedelta(minutes=10),
        timedelta(minutes=3),
    )
    assert (major.accept_when_silent, major.proposes_problem) == (False, False)
    assert [(x.name, x.accepts) for x in major.rules] == [("the hospital", True)]
    assert dict(terms.roles) == {
        "commander": RoleTerm(needed_for_majors=True),
        "communications": RoleTerm(needed_for_majors=True),
        "scribe": RoleTerm(many=True),
    }
    assert terms.paged_roles == ()
    assert str(terms.public.when) == 'incident.priority in ["P1", "P2"]'
    assert dict(terms.public.follows) == {
        **FOLLOWS,
        State.TRIAGED: PublicState.IDENTIFIED,
        State.MITIGATED: PublicState.IDENTIFIED,
    }
    assert terms.statuses == (
        StatusTerm("Awaiting caller", State.ON_HOLD, False, "caller", "the caller"),
        StatusTerm("Active", State.IN_PROGRESS, True),
    )
    assert terms.regions["security"].moves == (
        ("contain", "eradicate", "contained"),
        ("eradicate", "contain", "move to contain"),
    )
    majors, quiet = terms.checklists
    assert majors.items == (
        ChecklistItem("Open the bridge", "$commander", timedelta(minutes=10)),
        ChecklistItem("Write it up", "", None, "review", (1,)),
    )
    assert str(majors.when) == 'incident.major == "accepted"'
    assert (quiet.items, quiet.when) == ((), None)
    week, days = timedelta(days=7), timedelta(days=3)
    assert dict(terms.autoclose.after) == {Priority.P3: week, Priority.P4: days}
    assert terms.autoclose.from_updates
    assert [x.major_never_pauses for x in policy.targets] == [False, True]
    assert policy.audiences["board"].members == ("eve", "$owner")
    assert policy.notices[-1].audience == "$responders"


def test_the_default_needs_only_a_duty() -> None:
    plain = default_policy().lifecycle.overlays
    assert plain.idle
    assert plain.autoclose.after == {}
    assert plain.paged_roles == ("commander",)
    named: OverlayTerms = load_policy({"major": {"duty": "mim"}}).lifecycle.overlays
    assert not named.idle
    assert named.major.rules == plain.major.rules


@pytest.mark.parametrize(
    ("document", "path", "said"),
    [
        ({"major": {"duty": " x"}}, "major.duty", "is no name"),
        ({"major": {"dutty": "x"}}, "major.dutty", "did you mean 'duty'?"),
        (
            {"major": {"rules": [{"when": "incident.mayor == 1"}]}},
            "major.rules[0].when",
            "incident.mayor",
        ),
        (
            {"major": {"rules": [{"action": "refuse"}]}},
            "major.rules[0].action",
            "'refuse' is not known",
        ),
        ({"roles": {"scribe": {"holders": "two"}}}, "roles.scribe.holders", "'two' is not known"),
        ({"public": {"follows": {"fine": "resolved"}}}, "public.follows.fine", "is not known"),
        ({"public": {"follows": {"new": "fine"}}}, "public.follows.new", "'fine' is not known"),
        ({"statuses": [{"category": "new"}]}, "statuses[0].name", "must name the status"),
        (
            {"statuses": [{"name": "A", "category": "nwe"}]},
            "statuses[0].category",
            "did you mean 'new'?",
        ),
        (
            {"statuses": [{"name": "A"}, {"name": "A"}]},
            "statuses[1].name",
            "'A' is there already",
        ),
        (
            {"statuses": [{"name": "A", "default": True}, {"name": "B", "default": True}]},
            "statuses[1].default",
            "new has a default already",
        ),
        (
            {"statuses": [{"name": "A", "category": "new", "court": "x"}]},
            "statuses[0].hold_reason",
            "is for statuses of on_hold",
        ),
        ({"regions": {"s": {}}}, "regions.s.states", "at least one"),
        ({"regions": {"s": {"states": ["a", "a"]}}}, "regions.s.states", "each state once"),
        (
            {"regions": {"s": {"states": ["a"], "moves": [{"from": "a", "to": "b"}]}}},
            "regions.s.moves[0].to",
            "'b' is not known",
        ),
        (
            {"regions": {"s": {"states": ["a", "b"], "moves": [{"from": "a", "to": "b"}] * 2}}},
            "regions.s.moves",
            "lists a way twice",
        ),
        ({"checklists": {"c": {"items": [{}]}}}, "checklists.c.items[0].title", "what is to be"),
        (
            {"checklists": {"c": {"items": [{"title": "x", "after": [1]}]}}},
            "checklists.c.items[0].after",
            "nothing comes before the first item",
        ),
        (
            {"checklists": {"c": {"items": [{"title": "x", "after": 1}]}}},
            "checklists.c.items[0].after",
            "nothing comes before the first item",
        ),
        ({"autoclose": {"after": {"P9": "1d"}}}, "autoclose.after.P9", "is not known"),
        ({"autoclose": {"basis": "declared"}}, "autoclose.basis", "'declared' is not known"),
        (
            {"lifecycle": {"acting_commander": "never"}},
            "lifecycle.acting_commander",
            "'never' is not known",
        ),
        (
            {"notices": [{"audience": "$watcher", "on": ["closed"], "template": "x"}]},
            "notices[0].audience",
            "did you mean '$watchers'?",
        ),
    ],
)
def test_a_mistake_is_told_with_its_path(document: Any, path: str, said: str) -> None:
    found = problems(document)
    assert set(found) == {path}
    assert said in found[path]
