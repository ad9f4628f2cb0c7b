"""What can be asked of planned work, and what happens to it."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from incidentkit.model import checks
from incidentkit.model.incident import Link
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.maintenance import MaintenanceCard
from incidentkit.model.signals import NO_TEXTS, Texts


@attrs.frozen(repr=False)
class MaintenanceCommand(Command):
    """The base of commands on planned work."""

    about = "maintenance"


@attrs.frozen(repr=False)
class PlanMaintenance(MaintenanceCommand):
    """Work is planned for a window. `subject` is its title; its owner is who plans it."""

    action = "plan_maintenance"
    begins = True

    start: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    end: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    services: tuple[str, ...] = attrs.field(default=(), converter=checks.to_names)
    components: tuple[str, ...] = attrs.field(default=(), converter=checks.to_names)
    expected: str = attrs.field(default="true", validator=checks.text())
    summary: str = attrs.field(default="", validator=checks.text())
    priority: str | None = attrs.field(default=None, validator=checks.optional_name)
    owner: str | None = attrs.field(default=None, validator=checks.optional_name)
    team: str | None = attrs.field(default=None, validator=checks.optional_name)
    approvers: tuple[str, ...] = attrs.field(default=(), converter=checks.to_names)
    audiences: tuple[str, ...] = attrs.field(default=(), converter=checks.to_names)
    change: str = attrs.field(default="", validator=checks.text(checks.TITLE_LIMIT))
    labels: Texts = attrs.field(default=NO_TEXTS, converter=checks.to_map)
    backout: str = attrs.field(default="", validator=checks.text())


class ApproveMaintenance(MaintenanceCommand):
    """Whoever says it agrees with the plan."""

    __slots__ = ()
    action = "approve_maintenance"


class AnnounceMaintenance(MaintenanceCommand):
    """Tell the audiences of the plan."""

    __slots__ = ()
    action = "announce_maintenance"


@attrs.frozen(repr=False)
class StartMaintenance(MaintenanceCommand):
    """The work begins, or began then; from here on the alerts it expects are held back."""

    action = "start_maintenance"
    started_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)


class VerifyMaintenance(MaintenanceCommand):
    """The work is done; whether all is well is being checked."""

    __slots__ = ()
    action = "verify_maintenance"


@attrs.frozen(repr=False)
class CompleteMaintenance(MaintenanceCommand):
    """All is done and well, or was by then."""

    action = "complete_maintenance"
    ended_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    note: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class RescheduleMaintenance(MaintenanceCommand):
    """Another window, before the work begins: the plan must be approved again."""

    action = "reschedule_maintenance"
    start: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    end: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class ExtendMaintenance(MaintenanceCommand):
    """It takes longer: another end while the work goes on, of which the audiences are told."""

    action = "extend_maintenance"
    end: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class RollBackMaintenance(MaintenanceCommand):
    """It did not work out, and all is as it was before."""

    action = "roll_back_maintenance"
    reason: str = attrs.field(default="", validator=checks.text())
    ended_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)


@attrs.frozen(repr=False)
class CancelMaintenance(MaintenanceCommand):
    """It does not take place."""

    action = "cancel_maintenance"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class EditMaintenance(MaintenanceCommand):
    """Change the plan; what is left out stays.

    Other services, components or expected alerts before the work begins put the plan back to
    planned, because that is what was approved.
    """

    action = "edit_maintenance"
    title: str | None = None
    summary: str | None = None
    priority: str | None = None
    services: tuple[str, ...] | None = attrs.field(default=None, converter=checks.to_optional_names)
    components: tuple[str, ...] | None = attrs.field(
        default=None, converter=checks.to_optional_names
    )
    expected: str | None = None
    owner: str | None = None
    team: str | None = None
    approvers: tuple[str, ...] | None = attrs.field(
        default=None, converter=checks.to_optional_names
    )
    audiences: tuple[str, ...] | None = attrs.field(
        default=None, converter=checks.to_optional_names
    )
    change: str | None = None
    labels: Texts | None = attrs.field(default=None, converter=checks.to_optional_map)
    backout: str | None = None


@attrs.frozen(repr=False)
class NoteMaintenance(MaintenanceCommand):
    """Write something down beside it, for those inside."""

    action = "note_maintenance"
    text: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class MaintenancePlanned(Event):
    """Work was planned for a window."""

    id: str
    ref: str
    card: MaintenanceCard
    start: datetime
    end: datetime


@attrs.frozen(repr=False)
class LeadTimeShort(Event):
    """An audience is owed more notice than is left before the window begins."""

    audience: str
    owed: timedelta
    left: timedelta


@attrs.frozen(repr=False)
class MaintenanceApproved(Event):
    """Somebody agreed; `complete`: that was the last approval needed."""

    approver: str
    complete: bool


@attrs.frozen(repr=False)
class MaintenanceAnnounced(Event):
    """The audiences were told."""

    audiences: tuple[str, ...]


@attrs.frozen(repr=False)
class MaintenanceStarted(Event):
    """The work began; `ask_at` is when somebody is asked whether it will be done in time."""

    started_at: datetime
    ask_at: datetime | None = None


class MaintenanceVerifying(Event):
    """The work was done, and checking began."""

    __slots__ = ()


@attrs.frozen(repr=False)
class MaintenanceCompleted(Event):
    """It was done."""

    ended_at: datetime
    note: str = ""


@attrs.frozen(repr=False)
class MaintenanceRescheduled(Event):
    """The window was moved before the work began; the approvals are gone."""

    start: datetime
    end: datetime
    reason: str = ""


@attrs.frozen(repr=False)
class MaintenanceExtended(Event):
    """The end was moved while the work went on."""

    end: datetime
    was: datetime
    reason: str = ""
    ask_at: datetime | None = None


class MaintenanceAsked(Event):
    """The owner was asked whether it will be done in time."""

    __slots__ = ()


@attrs.frozen(repr=False)
class MaintenanceOverran(Event):
    """The end in force passed and the work went on; alerts are no longer held back."""

    end: datetime


@attrs.frozen(repr=False)
class IncidentProposed(Event):
    """It overran, so a candidate was opened that began at the planned end."""

    link: Link


@attrs.frozen(repr=False)
class MaintenanceRolledBack(Event):
    """It was given up, and all is as it was before."""

    ended_at: datetime
    reason: str = ""


@attrs.frozen(repr=False)
class MaintenanceCancelled(Event):
    """It does not take place."""

    reason: str = ""


@attrs.frozen(repr=False)
class MaintenanceEdited(Event):
    """The plan reads differently; `again`: it must be approved again."""

    card: MaintenanceCard
    again: bool = False
