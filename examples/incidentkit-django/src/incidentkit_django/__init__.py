"""incidentkit in a Django project: one desk a process, its records in the project's database."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from incidentkit import Desk

__all__ = ["desk", "joined"]


def desk() -> Desk:
    """The desk of this process, opened at the first call with what `settings.INCIDENTKIT` says."""
    from django.apps import apps

    return apps.get_app_config("incidentkit_django").desk()


def joined(by: object = None) -> Desk:
    """A desk inside the open `transaction.atomic` block: both are committed, or neither.

    `by` is who acts: a name, or a user of yours. Use it in a `with` block. Observers hear of it
    after the outermost block has committed.
    """
    from django.db import connections

    here = desk()
    using = here.using(connections[here.ports.store.alias])
    return using if by is None else using.as_(name_of(by))


def name_of(user: object) -> str:
    """What incidentkit calls a user: the user name, or the text itself."""
    called = getattr(user, "get_username", None)
    return str(user if called is None else called())
