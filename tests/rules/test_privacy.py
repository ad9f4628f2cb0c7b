"""What the commands of privacy and broken glass make of an incident."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from incidentkit.errors import MissingFields, TransitionNotAllowed
from incidentkit.model import privacy_changes as p
from incidentkit.model.people import People, RoleAssignment
from incidentkit.rules.privacy import is_private, responsible
from tests.rules.builders import at, declared, do


def test_private_and_open_again() -> None:
    incident = do(declared(), p.MakePrivate("INC-1", reason="a case", admits=("legal",)), 1)
    privacy = incident.dossier.overlays.privacy
    assert is_private(incident)
    assert privacy is not None
    assert (privacy.reason, privacy.admits) == ("a case", ("legal",))
    again = do(incident, p.MakePrivate("INC-1", reason="a case", admits=("legal",)), 1)
    assert again.version == incident.version
    wider = do(incident, p.MakePrivate("INC-1", reason="a case", admits=("hr",)), 1)
    assert wider.dossier.overlays.privacy != privacy
    opened = do(incident, p.LiftPrivacy("INC-1", reason="settled"), 1)
    assert not is_private(opened)
    with pytest.raises(TransitionNotAllowed, match="not private"):
        _ = do(opened, p.LiftPrivacy("INC-1", reason="settled"), 1)
    for command in (p.MakePrivate("INC-1"), p.BreakGlass("INC-1")):
        with pytest.raises(MissingFields):
            _ = do(opened, command, 1)
    with pytest.raises(MissingFields):
        _ = do(incident, p.LiftPrivacy("INC-1"), 1)


def test_broken_glass_leaves_a_task_and_ends() -> None:
    owned = attrs.evolve(declared(), people=People(owner="mia"))
    incident = do(owned, p.BreakGlass("INC-1", reason="urgent"), 1, by="eve")
    (glass,) = incident.dossier.overlays.glass
    assert (glass.party, glass.until - glass.since) == ("eve", timedelta(hours=1))
    (task,) = incident.dossier.tasks
    assert (task.assignee, task.phase) == ("mia", "review")
    twice = do(incident, p.BreakGlass("INC-1", reason="again"), 1, by="eve")
    assert [x.reason for x in twice.dossier.overlays.glass] == ["again"]
    both = do(incident, p.BreakGlass("INC-1", reason="me too"), 1, by="bob")
    assert [x.party for x in both.dossier.overlays.glass] == ["eve", "bob"]


def test_who_answers_for_it() -> None:
    led = People(roles=(RoleAssignment("commander", "cora", at(0)),), assignee="ana")
    assert responsible(attrs.evolve(declared(), people=led)) == "cora"
    assert responsible(attrs.evolve(declared(), people=People(assignee="ana"))) == "ana"
    assert responsible(declared()) is None
