"""How far an incident reaches, as it is judged and corrected: commands and their events."""

from __future__ import annotations

from datetime import datetime

import attrs

from incidentkit.model import checks
from incidentkit.model.impact import (
    Certainty,
    ImpactAssessment,
    ImpactInterval,
    Place,
    certainty,
    place,
)
from incidentkit.model.incident_commands import Command
from incidentkit.model.journal import Event
from incidentkit.model.words import UNKNOWN

# --- commands -------------------------------------------------------------------------------------


@attrs.frozen(repr=False)
class AssessImpact(Command):
    """How bad it is in one dimension, on its scale; `unknown` is an answer too.

    `count` without `certainty` is a known one. The assessment replaces the dimension's last one.
    """

    action = "assess_impact"
    dimension: str = attrs.field(validator=checks.name)
    level: str = attrs.field(default=UNKNOWN, validator=checks.name)
    scope: str = attrs.field(default="", validator=checks.text())
    count: int | None = None
    certainty: Certainty | None = attrs.field(
        default=None, converter=attrs.converters.optional(certainty)
    )
    unit: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))


@attrs.frozen(repr=False)
class WithdrawImpact(Command):
    """The assessment of a dimension does not hold; there is none any more."""

    action = "withdraw_impact"
    dimension: str = attrs.field(validator=checks.name)
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class RecordImpactInterval(Command):
    """A place is impaired since then, or was until then."""

    action = "record_impact_interval"
    kind: Place = attrs.field(converter=place)
    place: str = attrs.field(validator=checks.name)
    level: str = attrs.field(validator=checks.name)
    from_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    to_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    note: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class EndImpactInterval(Command):
    """A place that was impaired is not any more: since now, or since then."""

    action = "end_impact_interval"
    interval: str = attrs.field(validator=checks.name)
    to_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)


@attrs.frozen(repr=False)
class CorrectImpactInterval(Command):
    """An interval was recorded wrongly; what is None stays. `still_open` takes its end away."""

    action = "correct_impact_interval"
    interval: str = attrs.field(validator=checks.name)
    level: str | None = attrs.field(default=None, validator=checks.optional_name)
    from_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    to_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    still_open: bool = False
    reason: str = attrs.field(default="", validator=checks.text())


@attrs.frozen(repr=False)
class WithdrawImpactInterval(Command):
    """The place was not impaired then after all."""

    action = "withdraw_impact_interval"
    interval: str = attrs.field(validator=checks.name)
    reason: str = attrs.field(default="", validator=checks.text())


# --- events ---------------------------------------------------------------------------------------


@attrs.frozen(repr=False)
class ImpactAssessed(Event):
    """Somebody judged how bad it is in one dimension."""

    assessment: ImpactAssessment


@attrs.frozen(repr=False)
class ImpactWithdrawn(Event):
    """The assessment of a dimension does not hold."""

    dimension: str
    reason: str


@attrs.frozen(repr=False)
class ImpactIntervalRecorded(Event):
    """A place was impaired, or still is."""

    interval: ImpactInterval


@attrs.frozen(repr=False)
class ImpactIntervalCorrected(Event):
    """An interval as it should have been, and as it was recorded."""

    now: ImpactInterval
    was: ImpactInterval
    reason: str


@attrs.frozen(repr=False)
class ImpactIntervalWithdrawn(Event):
    """A place was not impaired then after all."""

    id: str
    reason: str
