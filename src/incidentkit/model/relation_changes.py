"""Commands that change two incidents at once, and what such changes leave on each of them.

Whatever is moved is named in the event, so that it can be given back.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import NO_MOMENTS, Link
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.scope import NO_SCOPE, Scope
from incidentkit.model.words import CancelReason, Moment


@attrs.frozen(repr=False)
class RelationCommand(Command):
    """The base of commands that concern more than one incident."""

    about = "relation"


@attrs.frozen(repr=False)
class Merge(RelationCommand):
    """The target was the same incident: its contents move to the subject, and it is cancelled."""

    action = "merge"
    target: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class Unmerge(RelationCommand):
    """The subject, which was merged into another, was one of its own: it is reopened."""

    action = "unmerge"
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class Split(RelationCommand):
    """Part of the subject is another incident: these alerts and reports are."""

    action = "split"
    title: str = attrs.field(default="", validator=checks.text(checks.TITLE_LIMIT))
    alerts: tuple[str, ...] = attrs.field(default=(), converter=checks.to_tuple)
    reports: tuple[str, ...] = attrs.field(default=(), converter=checks.to_tuple)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class MoveAlerts(RelationCommand):
    """These alerts of the subject belong to the target; each is named by its id."""

    action = "move_alerts"
    target: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    alerts: tuple[str, ...] = attrs.field(default=(), converter=checks.to_tuple)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class MoveReports(RelationCommand):
    """These reports of the subject belong to the target; each is named by reference or id."""

    action = "move_reports"
    target: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    reports: tuple[str, ...] = attrs.field(default=(), converter=checks.to_tuple)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class OpenSuccessor(RelationCommand):
    """What is over came back: a new incident that follows it and takes over what is known."""

    action = "open_successor"
    reason: str = attrs.field(default="", validator=checks.text())


NO_TASKS: FrozenMap[str, str] = FrozenMap()


@attrs.frozen(repr=False)
class Absorbed(Event):
    """The contents of another incident came in, and with them what follows for this one.

    `moments` are the instants as they stand now where the other's were earlier, and `was` as they
    stood before (absent: not known); `watchers` are those who were added; `tasks` are the ids that
    tasks of the other got here.
    """

    source: str
    ref: str
    how: CancelReason
    alerts: tuple[str, ...] = ()
    firing: int = 0
    reports: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    watchers: tuple[str, ...] = ()
    moments: FrozenMap[Moment, datetime] = NO_MOMENTS
    was: FrozenMap[Moment, datetime] = NO_MOMENTS
    scope: Scope = NO_SCOPE
    scope_was: Scope = NO_SCOPE
    why: str = ""
    tasks: tuple[str, ...] = ()


@attrs.frozen(repr=False)
class GivenUp(Event):
    """The contents went over to another incident, which is the same.

    `tasks` has for each that was open here the id by which it goes on there.
    """

    target: str
    ref: str
    how: CancelReason
    alerts: tuple[str, ...] = ()
    firing: int = 0
    reports: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    why: str = ""
    tasks: FrozenMap[str, str] = NO_TASKS


@attrs.frozen(repr=False)
class Released(Event):
    """Another incident is one of its own again; what it had brought in is taken out.

    `moments` are set back to these instants, `unknown` are not known any more.
    """

    target: str
    ref: str
    alerts: tuple[str, ...] = ()
    firing: int = 0
    reports: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    moments: FrozenMap[Moment, datetime] = NO_MOMENTS
    unknown: tuple[Moment, ...] = ()
    scope: Scope = NO_SCOPE
    why: str = ""


@attrs.frozen(repr=False)
class ContentsMovedIn(Event):
    """Alerts and reports of another incident belong here from now on."""

    source: str
    ref: str
    alerts: tuple[str, ...] = ()
    firing: int = 0
    reports: tuple[str, ...] = ()
    why: str = ""


@attrs.frozen(repr=False)
class ContentsMovedOut(Event):
    """Alerts and reports belong to another incident from now on."""

    target: str
    ref: str
    alerts: tuple[str, ...] = ()
    firing: int = 0
    reports: tuple[str, ...] = ()
    why: str = ""


@attrs.frozen(repr=False)
class ChildTurned(Event):
    """A child is over now, or active again: conditions count those that are not over."""

    child: str
    ref: str
    over: bool


@attrs.frozen(repr=False)
class ReporterAnswered(Event):
    """A reporter wrote back; `report` is the reference of what they had reported, if known."""

    party: str
    text: str
    report: str = ""


@attrs.frozen(repr=False)
class HoldReminded(Event):
    """Whoever the wait is for was reminded; when the next reminder is due, if there is one."""

    to: str
    number: int
    next_at: datetime | None
