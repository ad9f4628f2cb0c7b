"""What a flow that decides with full sight may still show, and to whom.

A flow that is handed its setting sees everything, so what it lists or names for somebody passes
here first: a record that they may not see is left out, or is not to be found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from incidentkit.errors import NotFound
from incidentkit.flows.effects import Flow
from incidentkit.flows.setting import Setting
from incidentkit.flows.sight import Sight
from incidentkit.model.delivery import Delivery


def seen(setting: Setting, names: Iterable[str]) -> Flow[frozenset[str]]:
    """Those of the records (`incident/id`) that whoever acts may see; of each kind, asked once."""
    wanted = dict.fromkeys(names)
    if not setting.guarded:
        return frozenset(wanted)
    sight = Sight(setting, people=True)
    if sight.system:
        return frozenset(wanted)
    found: list[str] = []
    for name in wanted:
        kind, _, id_ = name.partition("/")
        if not id_ or (yield from sight.visible(kind, id_)):
            found.append(name)
    return frozenset(found)


def messages(setting: Setting, found: Sequence[Delivery]) -> Flow[tuple[Delivery, ...]]:
    """The messages about what they may see."""
    shown = yield from seen(setting, (x.subject for x in found))
    return tuple([x for x in found if x.subject in shown])


def must_see(setting: Setting, name: str, kind: str, asked: str) -> Flow[None]:
    """Raise NotFound of what was asked for unless they may see the record of that name."""
    if name not in (yield from seen(setting, (name,))):
        raise NotFound(kind, asked)
