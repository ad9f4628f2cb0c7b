"""What a store may say and do about its schema: bring it up to date, or leave it alone.

A store with tables of its own makes and migrates them by itself, at its first call. Who only looks
at a store must not do that, and where a role may not change tables a deployment does it apart.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import attrs


@attrs.frozen
class Migrated:
    """What a migration did: the schema before (0: there was none) and after, and what it made.

    `kinds` are those whose tables were made or changed, `tables` whatever else was made.
    """

    before: int
    after: int
    kinds: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything was done at all."""
        return self.before != self.after or bool(self.kinds or self.tables)


@runtime_checkable
class SupportsMigration(Protocol):
    """A store that has a schema of its own."""

    def migrate(self) -> Migrated:
        """Take the steps that are missing and make the tables of the declared kinds, now.

        Any number of processes may do so at once; with nothing left to do nothing is written.
        Raises SchemaTooNew where a newer release was here.
        """
        ...

    def keep_schema(self) -> None:
        """From now on change nothing of the schema, and make no file: what lacks is an error.

        Then a call raises NotMigrated where there is no schema, or that of an earlier release.
        """
        ...
