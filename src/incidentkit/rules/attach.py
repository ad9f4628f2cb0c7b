"""Attachments of an incident: what belongs to it, who holds it, how far it may travel."""

from __future__ import annotations

from datetime import datetime

from incidentkit.errors import InvalidValue
from incidentkit.model import attachment_changes as c
from incidentkit.model.attachments import Attachment, Custody
from incidentkit.model.checks import check_count
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.journal import Event
from incidentkit.rules.dossier_parts import changed, existing, next_id, with_findings
from incidentkit.rules.moves import need
from incidentkit.rules.table import EVERYWHERE, Move, Part
from incidentkit.rules.terms import LifecycleTerms


def attach(
    incident: Incident, command: c.Attach, at: datetime, by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """One attachment more, in the custody of somebody from now on."""
    attachment = Attachment(
        next_id("A", incident.dossier.findings.attachments, "attachments"),
        command.reference,
        command.hash,
        command.size,
        command.media_type,
        command.name,
        command.label,
        (Custody(command.holder or by, at),),
    )
    return (c.Attached(attachment),)


def attached(i: Incident, v: c.Attached, _at: datetime) -> Incident:
    """One attachment more."""
    return with_findings(i, attachments=(*i.dossier.findings.attachments, v.attachment))


def _standing(incident: Incident, id_: str) -> Attachment:
    findings = incident.dossier.findings
    found = existing(findings.attachment(id_), "attachment", id_, findings.attachments)
    if found.withdrawn:
        raise InvalidValue("attachment", f"{id_} was withdrawn: {found.withdrawn[:200]}")
    return found


def hand_over(
    incident: Incident,
    command: c.HandOverAttachment,
    _at: datetime,
    _by: str,
    _terms: LifecycleTerms,
) -> tuple[Event, ...]:
    """Somebody else holds it from now on; handing it to its holder changes nothing."""
    found = _standing(incident, command.attachment)
    if found.holder == command.to:
        return ()
    check_count(len(found.custody) + 1, "custody")
    return (c.AttachmentHandedOver(found.id, command.to, found.holder, command.note),)


def handed_over(i: Incident, v: c.AttachmentHandedOver, at: datetime) -> Incident:
    """The chain of custody, one link longer."""
    known = i.dossier.findings.attachments
    kept = next(x.custody for x in known if x.id == v.id)
    custody = (*kept, Custody(v.to, at, v.note))
    return with_findings(i, attachments=changed(known, v.id, custody=custody))


def set_label(
    incident: Incident, command: c.LabelAttachment, _at: datetime, _by: str, _terms: LifecycleTerms
) -> tuple[Event, ...]:
    """Raising is free; lowering needs a reason."""
    found = _standing(incident, command.attachment)
    if found.label == command.label:
        return ()
    if not command.label.covers(found.label):
        need(incident, command, **{"reason (the label is lowered)": command.reason})
    return (c.AttachmentLabelled(found.id, command.label, found.label, command.reason),)


def labelled(i: Incident, v: c.AttachmentLabelled, _at: datetime) -> Incident:
    """The label from now on."""
    known = i.dossier.findings.attachments
    return with_findings(i, attachments=changed(known, v.id, label=v.label))


def withdraw(
    incident: Incident,
    command: c.WithdrawAttachment,
    _at: datetime,
    _by: str,
    _terms: LifecycleTerms,
) -> tuple[Event, ...]:
    """It does not belong here; why must be said."""
    need(incident, command, reason=command.reason.strip())
    found = _standing(incident, command.attachment)
    return (c.AttachmentWithdrawn(found.id, command.reason),)


def withdrawn(i: Incident, v: c.AttachmentWithdrawn, _at: datetime) -> Incident:
    """Marked, and kept."""
    known = i.dossier.findings.attachments
    return with_findings(i, attachments=changed(known, v.id, withdrawn=v.reason))


PART = Part(
    moves=(
        Move(c.Attach, EVERYWHERE, None, (), attach),
        Move(c.HandOverAttachment, EVERYWHERE, None, (), hand_over),
        Move(c.LabelAttachment, EVERYWHERE, None, ("reason (to lower it)",), set_label),
        Move(c.WithdrawAttachment, EVERYWHERE, None, ("reason",), withdraw),
    ),
    evolve=FrozenMap(
        {
            c.Attached: attached,
            c.AttachmentHandedOver: handed_over,
            c.AttachmentLabelled: labelled,
            c.AttachmentWithdrawn: withdrawn,
        }
    ),
)
"""What attachments bring to an incident's tables."""
