"""What a project does with it, from the first incident to the worker."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction
from incidentkit_django import desk, joined

from incidentkit.errors import NotJoined
from tests.paging import PAGED


def test_an_incident_is_declared_paged_and_verified() -> None:
    PAGED.clear()
    inc = desk().declare("Down", impact="high", urgency="high", assign="ana", request="r-1")
    assert desk().declare("Down", impact="high", urgency="high", assign="ana", request="r-1") == inc
    call_command("incidentkit_work", once=True)
    assert PAGED == ["ana INC-1"]
    desk().acknowledge(inc, by="ana")
    desk().resolve(inc, by="ana", code="fixed", remedy="a larger disk")
    assert [x.ref for x in desk().find(state="resolved").items] == ["INC-1"]
    desk().seal()
    assert desk().verify().problems == ()


def test_a_ticket_and_its_incident_are_one_transaction() -> None:
    def failing() -> None:
        with transaction.atomic():
            bob = User.objects.create(username="bob")
            with joined(bob) as inside:
                inside.declare("Never happened")
            raise ZeroDivisionError

    with transaction.atomic():
        ana = User.objects.create(username="ana")
        with joined(ana) as inside:
            inside.declare("Down")
        with pytest.raises(NotJoined):
            desk().note("INC-1", "outside")
    with pytest.raises(ZeroDivisionError):
        failing()
    assert [user.username for user in User.objects.all()] == ["ana"]
    assert desk().count() == 1


def test_the_migrations_are_complete() -> None:
    call_command("makemigrations", "incidentkit_django", check=True, dry_run=True)
    call_command("check", databases=["default"], fail_level="WARNING")
