"""Which contents are referred to: every attachment of every incident of the tenant.

Not only those that the actor may see: what nobody may see is attached all the same.
"""

from __future__ import annotations

from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Find, Flow, Now
from incidentkit.flows.gate import authorise
from incidentkit.flows.kinds import INCIDENT
from incidentkit.flows.setting import Setting
from incidentkit.ports.query import Cursor, Query


def in_use(setting: Setting) -> Flow[frozenset[str]]:
    """The references of all attachments, withdrawn ones too. Raises NotAuthorised."""
    at = yield from Now()
    yield from authorise(Workbook(setting, at), "list_orphans", "blobs", None)
    found: set[str] = set()
    after: Cursor | None = None
    while True:
        page = yield from Find(INCIDENT, Query("incident", after=after, limit=500))
        for incident in page.items:
            found.update(x.reference for x in incident.dossier.findings.attachments)
        if page.next is None:
            return frozenset(found)
        after = page.next
