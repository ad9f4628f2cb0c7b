"""Names for the identities that cross every room, so that a type checker tells them apart.

Ids are opaque text made by the desk's id factory (time-ordered, so indexes stay local). References
such as `INC-1042` are for people, unique within a tenant, and never used as keys.
"""

from __future__ import annotations

from typing import NewType

TenantName = NewType("TenantName", str)
"""The tenant that leads every key in a store."""

IncidentId = NewType("IncidentId", str)
"""Identity of one incident."""

ProblemId = NewType("ProblemId", str)
"""Identity of one problem."""

AlertId = NewType("AlertId", str)
"""Identity of one alert (all repeats of one dedup key)."""

DeliveryId = NewType("DeliveryId", str)
"""Identity of one delivery: one message to one recipient on one channel."""

CaptureId = NewType("CaptureId", str)
"""Identity of one raw payload as it was received."""

TaskId = NewType("TaskId", str)
"""Identity of one task in the store's queue."""

PolicyHash = NewType("PolicyHash", str)
"""Content hash of one policy version."""

MaintenanceId = NewType("MaintenanceId", str)
"""Identity of one piece of planned work."""

SilenceId = NewType("SilenceId", str)
"""Identity of one silence."""

ReviewId = NewType("ReviewId", str)
"""Identity of one post-incident review."""

MAIN_TENANT = TenantName("main")
SYSTEM_ACTOR = "system"
