"""Opening a desk: from a URL and a host's own objects to everything a desk is connected to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, cast

import attrs

from incidentkit.codec.choice import Name as CodecName
from incidentkit.codec.choice import choose
from incidentkit.codec.kinds import SPECS
from incidentkit.desk.clockwork import StoreTime
from incidentkit.desk.core import Shared
from incidentkit.desk.identity import Ids, TimeOrderedIds
from incidentkit.desk.inline import InlineDirectory
from incidentkit.desk.patience import DEADLINE, Patience
from incidentkit.desk.ports import AsyncPorts, PlainPorts, Ports, name_of
from incidentkit.errors import InvalidValue, PolicyError, StoreError
from incidentkit.flows.setting import ChannelFace
from incidentkit.model.adoption import AdoptedVersion
from incidentkit.model.words import MessageKind
from incidentkit.plugins.builtin import BUILT_IN
from incidentkit.plugins.faults import FaultLog
from incidentkit.plugins.guard import Guard
from incidentkit.plugins.plugin_set import PluginSet
from incidentkit.plugins.shapes import check_blobs, check_store
from incidentkit.policy.document import Policy
from incidentkit.policy.load import adopted_policy as adopted_policy
from incidentkit.policy.load import load_policy
from incidentkit.policy.reading import nearest
from incidentkit.ports.access import (
    Anchor,
    Authoriser,
    Directory,
    ReferenceNumbers,
    SupportsComplaint,
)
from incidentkit.ports.migration import SupportsMigration
from incidentkit.ports.secret import without_password
from incidentkit.ports.source import Source
from incidentkit.ports.store import Finding
from incidentkit.ports.time import TimeSource
from incidentkit.timing.instants import show_instant

if TYPE_CHECKING:
    from incidentkit.desk.emergency import Emergency
    from incidentkit.desk.late_store import LateStore
    from incidentkit.desk.spool import Spool


class Given(TypedDict, total=False):
    """What may be handed to `Desk.open` beside the URL; see `opened`."""

    store: Any
    sources: Sequence[Source]
    channels: Mapping[str, Any]
    directory: Directory | Mapping[str, Mapping[str, str]] | str | Path
    directory_deadline: float | None
    authoriser: Authoriser
    references: ReferenceNumbers
    anchors: Sequence[Anchor]
    plugins: Sequence[object]
    entry_points: bool
    policy: Policy | Mapping[str, Any] | str | Path
    time: TimeSource | None
    ids: Ids | None
    codec: CodecName
    blobs: Any
    spool: str | Path | Spool
    emergency: Sequence[Emergency | tuple[str, str, str]]
    migrate: bool


MEMORY = "memory:"
"""The store of a desk that is told of none."""


def opened(url: str, given: Given, *, asynchronous: bool) -> Shared:
    """Connect a desk.

    `url` names a store (`memory:`, `sqlite:///file.db`, or a plugin's scheme) unless `store` is
    given. `channels` maps names to channels or to any callable. `directory` is a Directory, a
    table of party -> {channel: address}, or a file (`file:people.toml`, or its path). `policy` is
    a Policy, a table, TOML or JSON text, a profile's name, or a file's path; it is adopted with the
    first write. `time` and `ids` replace the time and the dice, for tests. `blobs` keeps the
    contents of attachments: a URL (`file:FOLDER`, `memory:`) or a blob store; `memory:` has one by
    itself. `spool` is a folder (or a `Spool`) that takes requests while the store is away, and
    `emergency` lists whom to page then, as (party, channel, address). A desk with a spool opens
    although its store cannot be reached. With `migrate=False` the store's schema is left alone: a
    call raises NotMigrated where it is missing or an earlier release's. `references` gives
    incidents the host's own numbers. `directory_deadline` is how many seconds a look into a
    directory may take: 3 unless others are given, None for no limit.
    With no channel that takes pages, they are printed on the console; but a worker then raises
    PagedElsewhere where pages of this store went out by other channels before.
    """
    if given.get("store") is not None and url != MEMORY:
        shown = without_password(str(url))
        raise InvalidValue("store", f"is given beside the URL {shown!r}; a desk has one of the two")
    if not isinstance(cast("object", url), str):
        what = type(cast("object", url)).__name__
        raise InvalidValue("url", f"must be text, e.g. 'sqlite:///incidents.db', not {what}")
    for name in given:
        if name not in Given.__annotations__:
            raise InvalidValue(
                name, f"is nothing a desk takes{nearest(name, Given.__annotations__)}"
            )
    for name in ("sources", "plugins", "anchors"):
        if isinstance(given.get(name, ()), str) or not isinstance(given.get(name, ()), Iterable):
            raise InvalidValue(name, "must be a list of objects")
    for name, method in (("time", "now"), ("ids", "new_id")):
        if given.get(name) is not None and not callable(getattr(given.get(name), method, None)):
            raise InvalidValue(name, f"has no method {method}()")
    channels: object = given.get("channels", {})
    if not isinstance(channels, Mapping):
        raise InvalidValue("channels", "must map names to channels, e.g. {'sms': send_sms}")
    if not isinstance(cast("object", given.get("migrate", True)), bool):
        raise InvalidValue("migrate", "must be True or False")
    faults = FaultLog()
    guard = Guard(faults)
    built = PluginSet.build(
        builtins=(BUILT_IN,),
        plugins=given.get("plugins", ()),
        entry_points=given.get("entry_points", True),
        sources=given.get("sources", ()),
        channels=given.get("channels", {}),
        directory=_directory_of(given.get("directory")),
        authoriser=given.get("authoriser"),
        references=given.get("references"),
        anchors=given.get("anchors", ()),
        asynchronous=asynchronous,
        faults=faults,
    )
    chosen_channels = built.channels
    built = _with_a_pager(built)
    spool, emergency = _spool(given)
    store = given.get("store")
    late: LateStore | None = None
    if store is None:
        store, late = _reached(built, url, given, late_allowed=spool is not None)
    else:
        check_store(store, asynchronous=asynchronous)
        _declare(store, given)
    make = AsyncPorts if asynchronous else PlainPorts
    chosen = given.get("time") or StoreTime()
    policy = given.get("policy")
    connected = make(
        store,
        choose(given.get("codec", "auto")),
        given.get("ids") or TimeOrderedIds(),
        chosen,
        built,
        guard,
        _blobs(built, url, given),
        Patience(_deadline(given.get("directory_deadline", DEADLINE))),
    )
    connected.spool = spool
    connected.prints = built.channels is not chosen_channels
    if spool is not None and emergency:
        from incidentkit.desk.emergency import Pager

        missing = sorted({x.channel for x in emergency}.difference(built.channels))
        if missing:
            raise InvalidValue("emergency", f"there is no channel {missing[0]!r}")
        named = "the store" if given.get("store") is not None else without_password(url)
        connected.emergency = Pager(spool.folder, emergency, named)
    if late is not None:
        late.serve(connected)
    faces = tuple(
        ChannelFace(name, frozenset(channel.kinds)) for name, channel in built.channels.items()
    )
    return Shared(connected, None if policy is None else policy_of(policy), faces=faces)


def _spool(given: Given) -> tuple[Spool | None, tuple[Emergency, ...]]:
    """The spool and the emergency list, if any; imported by the desks that have one."""
    chosen = given.get("spool")
    if chosen is None:
        if given.get("emergency"):
            raise InvalidValue("emergency", "needs a spool: a folder for what comes in meanwhile")
        return None, ()
    from incidentkit.desk.emergency import emergencies
    from incidentkit.desk.spool import Spool

    if not isinstance(cast("object", chosen), str | Path | Spool):
        raise InvalidValue("spool", f"must be a folder or a Spool, not {type(chosen).__name__}")
    spool = chosen if isinstance(chosen, Spool) else Spool(chosen)
    return spool, emergencies(given.get("emergency", ()))


def _declare(store: Any, given: Given) -> None:
    """Tell the store what it is to keep, and whether it may make room for that."""
    schema: object = store
    if not given.get("migrate", True) and isinstance(schema, SupportsMigration):
        schema.keep_schema()
    store.declare(SPECS)


def _reached(
    built: PluginSet, url: str, given: Given, *, late_allowed: bool
) -> tuple[Any, LateStore | None]:
    """The store of a URL; one that cannot be reached yet where there is a spool."""

    def open_() -> Any:
        store: Any = built.open_async_store(url) if built.asynchronous else built.open_store(url)
        _declare(store, given)
        return store

    if not late_allowed:
        return open_(), None
    from incidentkit.desk.late_store import LateStore
    from incidentkit.desk.spool import is_away

    try:
        return open_(), None
    except (StoreError, OSError) as error:
        if not is_away(error):
            raise
        late = LateStore(without_password(url), open_)
        return late, late


def _deadline(given: object) -> float | None:
    """Seconds that a look into a directory may take. Raises InvalidValue."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given < 3600:
        raise InvalidValue("directory_deadline", f"must be seconds above 0, or None, not {given!r}")
    return float(given)


def _blobs(built: PluginSet, url: str, given: Given) -> Any:
    """The blob store: what was given; for a store in memory, memory; else none."""
    chosen = given.get("blobs")
    if isinstance(chosen, Path):
        chosen = f"file:{chosen}"
    if isinstance(chosen, str):
        return built.open_blobs(chosen)
    if chosen is not None:
        check_blobs(chosen, asynchronous=built.asynchronous)
        return chosen
    in_memory = given.get("store") is None and url.partition(":")[0].lower() == "memory"
    return built.open_blobs("memory:") if in_memory else None


def _directory_of(
    given: Directory | Mapping[str, Mapping[str, str]] | str | Path | None,
) -> Directory | None:
    """A directory from whatever a host has of it."""
    if isinstance(given, Mapping):
        return InlineDirectory(given)
    if isinstance(given, str | Path):
        from incidentkit.desk.directory_file import FileDirectory

        if isinstance(given, Path):
            return FileDirectory(given)
        scheme, _, path = given.partition(":")
        if scheme != "file" or not path:
            problem = f"{given[:80]!r} is no directory; write 'file:people.toml'"
            raise InvalidValue("directory", problem)
        return FileDirectory(path)
    return given


def _with_a_pager(built: PluginSet) -> PluginSet:
    """Pages must end at a human: with no channel that takes them, they are printed."""
    if any(MessageKind.PAGE in channel.kinds for channel in built.channels.values()):
        return built
    from incidentkit.channels.console import ConsoleChannel

    console = ConsoleChannel()
    return attrs.evolve(built, channels={**built.channels, console.name: console})


def policy_of(given: Policy | Mapping[str, Any] | str | Path) -> Policy:
    """A policy from whatever a host has of it."""
    if isinstance(given, Policy):
        return given
    if isinstance(given, Path):
        try:
            return load_policy(given.read_text("utf-8"))
        except OSError as error:
            raise InvalidValue("policy", f"{given} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise InvalidValue("policy", f"{given} is not UTF-8 text") from None
    return load_policy(given)


def coming(planned: tuple[tuple[AdoptedVersion, str], ...]) -> tuple[Finding, ...]:
    """What a diagnosis says of the policies that are to come into force."""
    found: list[Finding] = []
    for version, document in planned:
        told = f"planned from {show_instant(version.effective_from)}"
        try:
            name = adopted_policy(document).name
        except (PolicyError, ValueError) as error:
            problem = f"{told}: version {version.hash} cannot be read by this release: {error}"
            found.append(Finding(False, "policy", problem))
            continue
        found.append(Finding(True, "policy", f"{told}: {name!r}, version {version.hash}"))
    return tuple(found)


def findings(ports: Ports, policy: Policy) -> tuple[Finding, ...]:
    """What a diagnosis says of the policy and the plugins."""
    from incidentkit.policy.lint import lint

    found = [Finding(False, "policy", f"{x.path}: {x.problem}") for x in lint(policy)]
    found.append(Finding(True, "policy", f"{policy.name!r}, version {policy.hash}"))
    plugins = ports.plugins
    if policy.access.on:
        roles = ", ".join(sorted(x for x, y in policy.access.roles.items() if y.members))
        message = f"the policy judges by roles: {roles or 'none has members'}"
        found.append(Finding(bool(roles), "authoriser", message))
    if plugins.authorisers:
        found.append(Finding(True, "authoriser", f"{len(plugins.authorisers)} registered"))
    elif not policy.access.on:
        message = "none is registered: every actor of a tenant may do and see everything in it"
        found.append(Finding(False, "authoriser", message))
    for directory in plugins.directories:
        if isinstance(directory, SupportsComplaint):
            said = ports.guard.call(name_of(directory), "complaint", directory.complaint)
            if isinstance(said, str) and said:
                found.append(Finding(False, "directory", f"{name_of(directory)}: {said}"))
    pagers = [n for n, c in plugins.channels.items() if MessageKind.PAGE in c.kinds]
    found.append(Finding(pagers != ["console"], "channels", f"pages go out by {', '.join(pagers)}"))
    found += [
        Finding(False, "faults", f"{fault.plugin}: {fault.hook}: {fault.problem}")
        for fault in ports.guard.faults.faults()
    ]
    return tuple(found)
