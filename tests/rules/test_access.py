"""The built-in authoriser's rules: who may do what in which state, and who sees what.

The roles column of the life-cycle is written out here, for every command and every role there is
without a word in the policy; a command that is added and not thought about fails.
"""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from pkgutil import iter_modules

import attrs
import pytest

import incidentkit.model
from incidentkit.lang.conditions import Condition
from incidentkit.model import report_changes
from incidentkit.model.dossier import Dossier
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Attention, Incident, Lease
from incidentkit.model.incident_commands import Command
from incidentkit.model.labels import Label, Tlp
from incidentkit.model.overlays import Glass, Overlays, Privacy
from incidentkit.model.people import People, RoleAssignment
from incidentkit.model.scope import Scope
from incidentkit.model.words import State
from incidentkit.rules import access, report_lifecycle
from incidentkit.rules.access import AccessTerms, RoleGrant
from incidentkit.rules.hide import hides
from incidentkit.rules.rerun import rerun
from tests.rules import test_lifecycle_table as table
from tests.rules.builders import at, declared, standing

# V viewer  R responder  M manager  A admin (on the tenant);
# o owner  c commander  k communications  a assignee  p other participant  r reporter  w watcher
# (in the incident, and no role on the tenant).
HEAD = "V R M A o c k a p r w"
ROLES_COLUMN = """
accept                  . R M A o c . a . . .
decline                 . R M A o c . a . . .
triage                  . R M A o c . a . . .
start                   . R M A o c . a . . .
hold                    . R M A o c . a . . .
resume                  . R M A o c . a . . .
mitigate                . R M A o c . a . . .
observe                 . R M A o c . a . . .
regress                 . R M A o c . a . . .
resolve                 . R M A o c . a . . .
close                   . R M A o c . a . . .
reopen                  . R M A o c . a . r .
cancel                  . R M A o c . a . r .
cancel as duplicate     . R M A o c . a . r .
cancel as false alarm   . R M A o c . a . r .
cancel as redirected    . R M A o c . a . r .
acknowledge             . R M A o c . a . . .
assign                  . R M A o c . a . . .
watch                   V R M A o c k a p r w
take_role               . R M A o c . a . . .
leave_role              . R M A o c . a . . .
prioritise              . R M A o c . a . . .
note                    . R M A o c k a p r .
reply                   . R M A o c k a p r .
edit                    . R M A o c . a . . .
correct                 . R M A o c . a . . .
link                    . R M A o c . a . . .
unlink                  . R M A o c . a . . .
notify                  . R M A o c k a . . .
wake                    . R M A o c . a . . .
"""
LIMITED = {
    ("r", "reopen"): {State.RESOLVED, State.CLOSED},
    **{("r", name): {State.NEW} for name in table.COMMANDS if name.startswith("cancel")},
}
"""Where a role counts in some states only."""

ON = AccessTerms(
    on=True,
    everybody="",
    roles=FrozenMap(
        {name: attrs.evolve(grant, members=(name,)) for name, grant in access.ROLES.items()}
    ),
)
LETTERS = {"V": "viewer", "R": "responder", "M": "manager", "A": "admin"}


def involved(incident: Incident) -> Incident:
    """The same, with somebody in every role; each is called as the role is."""
    roles = tuple(
        RoleAssignment(role, role, at(0)) for role in ("commander", "communications", "participant")
    )
    people = People("owner", "assignee", roles, watchers=("watcher",))
    card = attrs.evolve(incident.card, reporter="reporter")
    return attrs.evolve(incident, people=people, card=card)


INSIDE = {
    "o": "owner",
    "c": "commander",
    "k": "communications",
    "a": "assignee",
    "p": "participant",
    "r": "reporter",
    "w": "watcher",
}
ROWS = [line.rsplit(maxsplit=11) for line in ROLES_COLUMN.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
@pytest.mark.parametrize("state", State)
def test_the_roles_column_of_the_life_cycle(row: list[str], state: State) -> None:
    name, cells = row[0], row[1:]
    incident = involved(standing(state))
    for letter, cell in zip(HEAD.split(), cells, strict=True):
        who = LETTERS.get(letter) or INSIDE[letter]
        wanted = cell == letter and state in LIMITED.get((letter, name), set(State))
        found = access.judge(ON, who, table.COMMANDS[name].action, incident)
        assert found.granted is wanted, (letter, found)


def test_the_column_has_every_command_of_the_table() -> None:
    assert [row[0] for row in ROWS] == list(table.COMMANDS)


def test_every_command_belongs_to_a_group() -> None:
    for each in iter_modules(incidentkit.model.__path__):
        _ = import_module(f"incidentkit.model.{each.name}")
    kinds, actions = [Command], set[str]()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if not kind.__subclasses__() and kind.__module__.startswith("incidentkit."):
            actions.add(kind.action)
    assert actions - set(access.GROUPS) <= {"command"}


# --- doing ----------------------------------------------------------------------------------------


def test_off_everybody_may() -> None:
    assert access.judge(access.OPEN_WORLD, "eve", "redact", None).granted
    assert access.judge(ON, "system", "redact", None).granted


def test_an_unknown_action_is_for_administrators() -> None:
    assert not access.judge(ON, "manager", "invented", None).granted
    assert access.judge(ON, "admin", "invented", None).granted


def test_a_denial_names_the_roles_and_the_state() -> None:
    found = access.judge(ON, "reporter", "reopen", involved(standing(State.CANCELLED)))
    assert found.why == "reporter: may not reopen while it is cancelled"
    assert access.judge(ON, "eve", "reopen", None).why == "no role: may not reopen"


def test_what_only_the_flow_knows() -> None:
    incident = declared()
    assert access.judge(ON, "eve", "acknowledge", incident, ("paged",)).granted
    assert not access.judge(ON, "eve", "resolve", incident, ("paged",)).granted
    assert access.judge(ON, "eve", "note", incident, ("recipient",)).granted


def test_teams_and_everybody() -> None:
    roles = FrozenMap({"viewer": RoleGrant(("db",), ("follow",)), "all": RoleGrant(("*",))})
    terms = AccessTerms(True, roles, teams=FrozenMap({"db": ("ana",)}), everybody="viewer")
    assert [name for name, _ in terms.grants("ana")] == ["viewer", "all"]
    assert [name for name, _ in terms.grants("bob")] == ["all"]
    without = attrs.evolve(terms, roles=FrozenMap({"viewer": RoleGrant((), ("follow",))}))
    assert [name for name, _ in without.grants("bob")] == ["viewer"]
    incident = attrs.evolve(declared(), people=People(team="db"))
    assert access.roles_inside(incident, terms.names("ana")) == ("assignee",)
    leased = attrs.evolve(declared(), attention=Attention((Lease("eve", at(0), at(30)),)))
    assert access.roles_inside(leased, ("eve",)) == ("participant",)


# --- seeing ---------------------------------------------------------------------------------------


def made(label: Label | None = None, *, private: bool = False, glass: int = 0) -> Incident:
    overlays = Overlays(
        privacy=Privacy(at(0), "a case", ("legal",)) if private else None,
        glass=(Glass("eve", at(0), at(glass), "urgent"),) if glass else (),
    )
    return attrs.evolve(declared(), more=Dossier(scope=Scope(label=label), overlays=overlays))


def sees(who: str, incident: Incident, minutes: int = 0, terms: AccessTerms = ON) -> bool:
    return access.sees(terms, who, incident, at(0) + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("level", "seen"),
    [
        (Tlp.CLEAR, "viewer responder manager admin"),
        (Tlp.GREEN, "viewer responder manager admin"),
        (Tlp.AMBER, "responder manager admin"),
        (Tlp.AMBER_STRICT, "manager admin"),
        (Tlp.RED, "admin"),
    ],
)
def test_levels(level: Tlp, seen: str) -> None:
    for who in (*LETTERS.values(), "eve"):
        assert sees(who, made(Label(level))) is (who in seen.split())


def test_compartments_need_a_clearance_even_inside() -> None:
    incident = made(Label(Tlp.CLEAR, ("patients",)))
    taking_part = attrs.evolve(incident, people=People(assignee="viewer"))
    assert not sees("viewer", taking_part)
    assert sees("admin", incident)
    roles = FrozenMap({"doctor": RoleGrant(("viewer",), (), Tlp.CLEAR, ("patients", "legal"))})
    assert sees("viewer", incident, terms=attrs.evolve(ON, roles=roles))
    sets = access.clearance(attrs.evolve(ON, roles=roles), "viewer").sets()
    assert sets == ("", "legal", "patients", "legal,patients")


def test_private_is_for_participants_and_who_is_admitted() -> None:
    incident = attrs.evolve(made(private=True), people=People(assignee="viewer"))
    found = {who for who in (*LETTERS.values(), "legal", "eve") if sees(who, incident)}
    assert found == {"viewer", "legal", "admin"}
    assert sees("responder", made()), "no longer private"
    assert not access.restricted(made())
    assert not access.restricted(declared())


def test_a_broken_glass_holds_for_a_while() -> None:
    incident = made(Label(Tlp.RED, ("legal",)), private=True, glass=60)
    assert sees("eve", incident, 59)
    assert not sees("eve", incident, 60)
    plain = made(private=True, glass=60)
    assert not sees("eve", plain, 61)
    watching = attrs.evolve(plain, people=People(watchers=("eve",)))
    assert sees("eve", watching, 61), "who has to do with it sees it anyway"


def test_the_system_and_the_open_world_see_everything() -> None:
    strict = made(Label(Tlp.RED, ("legal",)), private=True)
    assert sees("system", strict)
    assert sees("eve", strict, terms=access.OPEN_WORLD)
    assert access.clearance(ON, "eve").nothing


# --- private by the policy ------------------------------------------------------------------------


def test_a_condition_of_the_policy_hides() -> None:
    when = Condition.parse('incident.labels.about == "conduct"')
    known = {"incident": {"labels": {"about": "conduct"}}}
    reason = hides(when, known, "p")
    assert reason is not None
    assert (rerun(reason), reason.policy) == (True, "p")
    assert hides(when, {"incident": {"labels": {"about": "else"}}}) is None


def test_a_report_that_was_redacted_keeps_who_and_when() -> None:
    received = report_changes.ReportReceived("1", "RPT-1", "cleo", "Down", "2", "INC-1", "badly")
    report = report_lifecycle.birth(received, at(0))
    after = report_lifecycle.evolve(report, report_changes.ReportRedacted(), at(1))
    assert (after.title, after.text, after.reporter, after.version) == (
        "[redacted]",
        "",
        "cleo",
        2,
    )
