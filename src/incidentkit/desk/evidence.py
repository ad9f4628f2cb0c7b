"""Attachments: content kept by its hash, and the record of it on the incident.

The content is stored before the record is committed. A crash in between leaves content that no
record refers to; `orphans` finds it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from incidentkit.desk.building import Subject, subject
from incidentkit.desk.driving import called
from incidentkit.desk.part import Part
from incidentkit.model.incident import Incident

if TYPE_CHECKING:
    from incidentkit.desk.contents import Content
    from incidentkit.model.labels import Label, Tlp
    from incidentkit.ports.blobs import StoredBlob

T = TypeVar("T")
_YOUNG = timedelta(hours=1)


class Evidence(Part):
    """Attachments of `Desk`."""

    def attach(
        self,
        of: Subject,
        name: str,
        data: Content,
        *,
        media_type: str = "application/octet-stream",
        label: Label | Tlp | str | None = None,
        holder: str | None = None,
        by: str | None = None,
        request: str | None = None,
    ) -> Incident:
        """Keep content and attach it: bytes, pieces of bytes, or an open file, up to 1 GiB.

        Raises NoBlobStore, NotFound, InvalidValue, LimitExceeded, or what the blob store raises;
        then nothing is attached.
        """
        import attrs

        from incidentkit.desk.contents import opened, pieces
        from incidentkit.model.attachment_changes import Attach
        from incidentkit.model.labels import optional_label

        blobs = opened(self.ports.blobs)
        none, marked = "0" * 64, optional_label(label)
        # Everything that can be refused is refused before the content is stored.
        wanted = Attach(subject(of), none, none, 0, name, media_type, marked, holder)
        _ = self.incident(of)
        blob: Any = called(blobs.put, self.tenant_name, pieces(data))
        command = attrs.evolve(wanted, reference=blob.reference, hash=blob.hash, size=blob.size)
        return self._incident(command, by, request)

    def attachment(self, of: Subject, id_: str) -> bytes:
        """The content of an attachment (A1) of an incident, checked against its hash.

        Raises NoBlobStore, NotFound, BlobMissing or BlobDamaged.
        """
        from incidentkit.desk.contents import opened, reading, verified
        from incidentkit.errors import NotFound

        blobs = opened(self.ports.blobs)
        incident = self.incident(of)
        found = incident.dossier.findings.attachment(id_)
        if found is None:
            there = tuple(x.id for x in incident.dossier.findings.attachments)
            raise NotFound("attachment", id_, there)
        content: bytes = called(reading(blobs), self.tenant_name, found.reference)
        return verified(content, found)

    def orphans(self, *, older_than: timedelta = _YOUNG) -> tuple[StoredBlob, ...]:
        """Contents of this tenant's blob store that no incident refers to, to be deleted by hand.

        What is younger is left out: it may be about to be attached. Raises NoBlobStore, and
        InvalidValue where the blob store cannot list what it holds.
        """
        from incidentkit.desk.contents import listing, opened
        from incidentkit.flows.evidence import in_use

        setting = self.setting()
        blobs = opened(self.ports.blobs)
        stored: tuple[StoredBlob, ...] = called(listing(blobs), self.tenant_name)
        used = self.run(lambda: in_use(setting), "orphans", setting=setting)
        before = self.ports.now() - older_than
        return tuple(x for x in stored if x.reference not in used and x.stored_at <= before)
