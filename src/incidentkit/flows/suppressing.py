"""The one record of what holds alerts back: read by whoever judges alerts, written by few."""

from __future__ import annotations

from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Flow, Load
from incidentkit.flows.kinds import SUPPRESSIONS, SUPPRESSIONS_KEY
from incidentkit.flows.setting import recorded
from incidentkit.model.suppressions import (
    Holder,
    Suppressions,
    SuppressionsChanged,
)
from incidentkit.ports.rows import KeyChange


def hold(book: Workbook, name: str, ref: str, holder: Holder | None) -> Flow[None]:
    """Let a silence or maintenance hold back what `holder` says from now on; None: nothing.

    Once in a flow. While a tenant holds nothing back it has no key, and nobody looks.
    """
    space, key, id_ = SUPPRESSIONS_KEY
    (before,) = yield from Load(SUPPRESSIONS, (id_,))
    held = () if before is None else before.holders
    mine = next((x for x in held if x.name == name), None)
    if mine == holder:
        return
    others = tuple(x for x in held if x.name != name)
    after = others if holder is None else (*others, holder)
    version = 1 if before is None else before.version + 1
    until = None if holder is None else holder.until
    entry = recorded(SuppressionsChanged(name, ref, until), book.setting, book.at)
    book.write(SUPPRESSIONS, Suppressions(id_, version, after), (entry,))
    if bool(held) != bool(after):
        was, becomes = (id_ if x else None for x in (held, after))
        book.keys.append(KeyChange(space, key, was, becomes))
