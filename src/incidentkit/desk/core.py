"""What Desk and AsyncDesk have in common: settings, the policy in force, the memory of repeats.

Nothing here calls a port; everything that does stands once in each desk.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Any, cast

import attrs

from incidentkit.desk.joint import Forgetful, Joint, NoRepeats
from incidentkit.desk.ports import Ports
from incidentkit.desk.recent import Recent
from incidentkit.desk.repeats import Repeats
from incidentkit.desk.session import Session
from incidentkit.errors import InvalidValue, NotFound
from incidentkit.flows.setting import ChannelFace, Setting
from incidentkit.ids import MAIN_TENANT, SYSTEM_ACTOR, TenantName
from incidentkit.model.adoption import AdoptedVersion, Adoption
from incidentkit.model.checks import check_name, check_text
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import (
    NO_TEXTS,
    SourceRequest,
)
from incidentkit.plugins.faults import PluginFault
from incidentkit.plugins.observations import ChangedRecord, CommittedChange
from incidentkit.policy.document import Policy
from incidentkit.policy.load import default_policy
from incidentkit.ports.channel import SupportsAnswers

POLICY_REFRESH = 5.0
"""Seconds after which a policy adopted by another process is noticed here.

What is known to be planned needs no such look: it comes into force at its instant.
"""


@attrs.define
class Standing:
    """The policy in force for one tenant as this process knows it, and until when at most."""

    policy: Policy
    adopted: bool
    looked_at: float
    until: datetime | None


@attrs.define
class Shared:
    """What all desks made from one `open` share.

    `explicit` is the policy given at opening; `settled` are the tenants that have adopted it since,
    or another by a command: what is adopted later, here or elsewhere, is in force there. `found`
    are the versions that each had at the first look, `planned` those known to be yet to come.
    """

    ports: Ports
    explicit: Policy | None
    settled: set[str] = attrs.field(factory=set[str])
    found: dict[str, frozenset[AdoptedVersion]] = attrs.field(
        factory=dict[str, frozenset[AdoptedVersion]]
    )
    planned: dict[str, frozenset[AdoptedVersion]] = attrs.field(
        factory=dict[str, frozenset[AdoptedVersion]]
    )
    repeats: Repeats = attrs.Factory(Repeats)
    recent: Recent = attrs.Factory(Recent)
    standing: dict[str, Standing] = attrs.field(factory=dict[str, Standing])
    policies: dict[str, Policy] = attrs.field(factory=dict[str, Policy])
    joint: Joint | None = None
    faces: tuple[ChannelFace, ...] = ()
    closed: bool = False
    turn: Lock = attrs.field(factory=Lock)


class Core:
    """The part of a desk that is the same with and without an event loop."""

    def __init__(
        self, shared: Shared, tenant: str = MAIN_TENANT, actor: str = SYSTEM_ACTOR
    ) -> None:
        self._shared = shared
        self._tenant = TenantName(check_name(tenant, "tenant"))
        self._actor = check_name(actor, "actor")
        self._last: tuple[Standing, str | None, Setting] | None = None

    @property
    def tenant_name(self) -> str:
        """The tenant this desk reads and writes for."""
        return self._tenant

    @property
    def actor(self) -> str:
        """Who acts when `by` is not given."""
        return self._actor

    @property
    def tenant_of(self) -> TenantName:
        """The same, as stores take it."""
        return self._tenant

    @property
    def memory(self) -> Recent:
        """What this desk and all made from it remember of single records."""
        return self._shared.recent

    @property
    def ports(self) -> Ports:
        """The desk's connections, for hosts that drive flows of their own."""
        return self._shared.ports

    @property
    def joint(self) -> Joint | None:
        """The transaction of a host that this desk is inside of, if it is."""
        return self._shared.joint

    @property
    def repeats(self) -> Repeats:
        """What the last payloads looked like."""
        return self._shared.repeats

    @property
    def faults(self) -> tuple[PluginFault, ...]:
        """The last faults of plugins, oldest first."""
        return self._shared.ports.guard.faults.faults()

    def _standing(self) -> Standing | None:
        """The policy in force if it is known, was looked at lately and is not superseded."""
        known = self._shared.standing.get(self._tenant)
        if known is None or time.monotonic() - known.looked_at > POLICY_REFRESH:
            return None
        if known.until is not None and self._shared.ports.now() >= known.until:
            return None
        return known

    def _wanted(self, adoption: Adoption | None) -> tuple[str, datetime | None]:
        """The hash of what should be in force, as far as it is adopted, and until when it is."""
        shared = self._shared
        now = shared.ports.now()
        versions = () if adoption is None else adoption.versions
        found = shared.found.setdefault(self._tenant, frozenset(versions))
        if shared.explicit is not None and any(
            each.hash == shared.explicit.hash and each not in found for each in versions
        ):
            shared.settled.add(self._tenant)
        version = None if adoption is None else adoption.in_force(now)
        coming = () if adoption is None else adoption.planned(now)
        awaited = shared.planned.get(self._tenant, frozenset())
        if version in awaited:
            shared.settled.add(self._tenant)
        shared.planned[self._tenant] = awaited.union(coming)
        until = coming[0].effective_from if coming else None
        return "" if version is None else version.hash, until

    def _stand(self, hash_: str, policy: Policy | None, until: datetime | None) -> Standing:
        """Take note of what is adopted; an explicit policy is adopted with the next write."""
        shared = self._shared
        if policy is not None:
            shared.policies[policy.hash] = policy
        explicit = None if self._tenant in shared.settled else shared.explicit
        chosen = explicit or policy or default_policy()
        if chosen.hash == hash_:
            shared.settled.add(self._tenant)
        standing = Standing(chosen, chosen.hash == hash_, time.monotonic(), until)
        shared.standing[self._tenant] = standing
        return standing

    def _joining(self, connection: object) -> Shared:
        """What a desk inside the host's transaction shares: nothing that a rollback could undo."""
        outer = self._shared
        joint = Joint(outer.ports, connection, outer.standing)
        return attrs.evolve(
            outer,
            ports=joint.ports,
            settled=set(outer.settled),
            found=dict(outer.found),
            planned=dict(outer.planned),
            repeats=NoRepeats(),
            recent=Forgetful(outer.recent),
            standing=dict(outer.standing),
            joint=joint,
        )

    def _unsettle(self) -> None:
        """The policy was just adopted: look again before the next decision."""
        self._shared.standing.pop(self._tenant, None)

    def _adopted(self, policy: Policy, version: AdoptedVersion, *, planned: bool) -> None:
        """A policy was adopted here: it replaces the one given at opening, or will at its time."""
        shared = self._shared
        shared.policies[policy.hash] = policy
        if planned:
            known = shared.planned.get(self._tenant, frozenset())
            shared.planned[self._tenant] = known.union((version,))
        else:
            shared.settled.add(self._tenant)
        self._unsettle()

    def _setting(self, standing: Standing, by: str | None, request: str | None) -> Setting:
        ports = self._shared.ports
        known = self._last
        if request is None and known is not None and known[0] is standing and known[1] == by:
            return known[2]
        hosted = bool(ports.plugins.authorisers)
        setting = Setting(
            self._tenant,
            self._actor,
            self._actor if by is None else check_name(by, "by"),
            standing.policy,
            standing.adopted,
            self._shared.faces,
            hosted or standing.policy.access.on or standing.policy.access.read_audit is not None,
            None if request is None else check_text(request, "request"),
            hosted=hosted,
            numbered=bool(ports.plugins.references),
        )
        if request is None:
            self._last = (standing, by, setting)
        return setting

    def _request(
        self, body: bytes | str | SourceRequest, headers: Mapping[str, str] | None
    ) -> SourceRequest:
        if isinstance(body, SourceRequest):
            return self._request(body.body, body.headers)
        if isinstance(body, str):
            data = body.encode("utf-8", "surrogatepass")
        elif type(body) in (bytes, bytearray, memoryview):
            data = bytes(body)
        else:
            raise InvalidValue("body", f"must be bytes or text, not {type(body).__name__}")
        if headers is None:
            return SourceRequest(data, NO_TEXTS)
        if not isinstance(cast("object", headers), Mapping):
            what = type(headers).__name__
            raise InvalidValue("headers", f"must be names with their values, not {what}")
        lower = {
            check_text(name, "headers").lower(): check_text(value, f"headers.{name}")
            for name, value in headers.items()
        }
        return SourceRequest(data, FrozenMap(lower))

    def reader(self, source: str) -> Any:
        """The source of that name, or the channel that understands answers."""
        plugins = self._shared.ports.plugins
        found: Any = plugins.sources.get(check_text(source, "source"))
        if found is None:
            channel: object = plugins.channels.get(source)
            found = channel if isinstance(channel, SupportsAnswers) else None
        if found is None:
            raise NotFound("source", source, tuple(sorted(plugins.sources)))
        return found

    def _committed(self, session: Session, setting: Setting) -> CommittedChange | None:
        """What observers are told of the commit a session made; None when there was none."""
        commit = session.committed
        if commit is None or not self._shared.ports.plugins.observers["incidentkit_on_committed"]:
            return None
        from incidentkit.codec.journal import name_of

        records = tuple(
            ChangedRecord(
                change.kind.name,
                change.value.id,
                str(getattr(change.value, "ref", "")),
                change.value.version,
                tuple([name_of(type(entry.event)) for entry in change.recorded]),
            )
            for change in commit.changes
        )
        at = self._shared.ports.now()
        return CommittedChange(self._tenant, setting.by, at, records)
