"""What records' columns were when last read or written, so that an update names only the changed.

SQLite writes an index entry anew for every column an UPDATE names, equal or not, and each such
page goes through the log: naming four unchanged columns doubled the cost of a small commit. A
version stands for its columns for ever, so what is remembered is either right or not used.
"""

from __future__ import annotations

from incidentkit.ports.rows import Scalar

MOST = 4096
Address = tuple[str, str, str]


class Remembered:
    """Columns by (tenant, kind, id), each with the version they belong to."""

    def __init__(self) -> None:
        self._known: dict[Address, tuple[int, tuple[Scalar, ...]]] = {}
        self._staged: dict[Address, tuple[int, tuple[Scalar, ...]]] = {}

    def read(self, address: Address, version: int, columns: tuple[Scalar, ...]) -> None:
        """A committed row was read."""
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[address] = version, columns

    def stage(self, address: Address, version: int, columns: tuple[Scalar, ...]) -> None:
        """A row was written; it counts within the transaction, and beyond it once committed."""
        self._staged[address] = version, columns

    def at(self, address: Address, version: int) -> tuple[Scalar, ...] | None:
        """The columns of that version, if they are remembered."""
        found = self._staged.get(address) or self._known.get(address)
        return found[1] if found is not None and found[0] == version else None

    def commit(self) -> None:
        """What was staged is durable."""
        if len(self._known) >= MOST:
            self._known.clear()
        self._known.update(self._staged)
        self._staged.clear()

    def forget(self) -> None:
        """What was staged was rolled back."""
        self._staged.clear()
