"""What becomes of attachments: attached, handed over, labelled, withdrawn."""

from __future__ import annotations

import attrs

from incidentkit.model import checks
from incidentkit.model.attachments import Attachment, check_hash, check_media, check_size
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.labels import Label, label_of, optional_label

# --- commands -------------------------------------------------------------------------------------


@attrs.frozen(repr=False)
class Attach(Command):
    """Content that a blob store holds belongs to it. `desk.attach` stores the content first.

    `holder` has custody of it from now on; left out, whoever attaches it.
    """

    action = "attach"
    reference: str = attrs.field(validator=checks.key)
    hash: str = attrs.field(validator=check_hash)
    size: int = attrs.field(validator=check_size)
    name: str = attrs.field(validator=checks.name)
    media_type: str = attrs.field(default="application/octet-stream", validator=check_media)
    label: Label | None = attrs.field(default=None, converter=optional_label)
    holder: str | None = attrs.field(default=None, validator=checks.optional_name)


@attrs.frozen(repr=False)
class HandOverAttachment(Command):
    """Custody goes to somebody else from now on."""

    action = "hand_over_attachment"
    attachment: str = attrs.field(validator=checks.name)
    to: str = attrs.field(validator=checks.name)
    note: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class LabelAttachment(Command):
    """How far one attachment may travel; lowering it needs a reason."""

    action = "label_attachment"
    attachment: str = attrs.field(validator=checks.name)
    label: Label = attrs.field(converter=label_of)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class WithdrawAttachment(Command):
    """An attachment does not belong to it; its content stays where it is."""

    action = "withdraw_attachment"
    attachment: str = attrs.field(validator=checks.name)
    reason: str = attrs.field(default="", validator=checks.text())


# --- events ---------------------------------------------------------------------------------------


@attrs.frozen(repr=False)
class Attached(Event):
    """Content belongs to it from now on."""

    attachment: Attachment


@attrs.frozen(repr=False)
class AttachmentHandedOver(Event):
    """Custody went from one holder to another."""

    id: str
    to: str
    was: str
    note: str


@attrs.frozen(repr=False)
class AttachmentLabelled(Event):
    """How far one attachment may travel from now on."""

    id: str
    label: Label
    was: Label | None
    reason: str


@attrs.frozen(repr=False)
class AttachmentWithdrawn(Event):
    """An attachment does not belong to it."""

    id: str
    reason: str
