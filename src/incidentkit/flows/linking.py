"""Links that people make: what they name is looked up, and whether it may be is asked.

Of parent and child both ends are written in one commit, so that no circle can be closed by two
people at once; every other link is mirrored by a reaction of the record at its other end.
"""

from __future__ import annotations

from incidentkit.errors import InvalidValue, NotFound, VersionMismatch
from incidentkit.flows.aggregates import aggregate
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow, Owners
from incidentkit.flows.gate import authorise, resolve_ref
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.flows.records import happen
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Link
from incidentkit.model.reaction_commands import Mirror
from incidentkit.model.words import LinkKind
from incidentkit.rules import links, reactions
from incidentkit.rules.reactions import links_of

CHANGE = "change"
LOOSE_KEYS = "change_key"
"""The space of keys of changes without their source: the first source that used one has it."""


def target_of(book: Workbook, target: str) -> Flow[tuple[str, str, str]]:
    """The kind, id and reference of what a link names.

    A change that nobody announced is kept by the text that names it. Raises NotFound.
    """
    kind, slash, id_ = target.partition("/")
    if slash and kind == CHANGE:
        found = yield from _change(id_)
        return CHANGE, found or id_, id_
    kind, id_ = yield from resolve_ref(target, book)
    if kind == "incident":
        incident = yield from book.incident(id_)
        ref = None if incident is None else incident.incident.ref
    else:
        other = yield from book.record(kind, id_)
        ref = None if other is None else str(other.value.ref)
    if ref is None:
        raise NotFound("record", target)
    return kind, id_, ref


def _change(name: str) -> Flow[str | None]:
    """The id of a change by `SOURCE/KEY` or `KEY`; None where it was never announced."""
    if not name:
        raise InvalidValue("target", "change/ what? Write change/KEY or change/SOURCE/KEY")
    source, _, key = name.partition("/")
    if key:
        (owner,) = yield from Owners("change", (f"{source}\x1f{key}",))
        if owner is not None:
            return owner
    (owner,) = yield from Owners(LOOSE_KEYS, (name,))
    return owner


def link_target(book: Workbook, near: str, kind: LinkKind, target: str) -> Flow[str]:
    """The target as `kind/id|reference`, if a record of the kind `near` may be linked to it so.

    Raises NotFound or InvalidValue.
    """
    far, id_, ref = yield from target_of(book, target)
    links.check_link(kind, near, far)
    return f"{far}/{id_}|{ref}"


def check_family(book: Workbook, draft: Draft, command: c.LinkTo) -> Flow[Draft | None]:
    """The other incident of a link between parent and child, if it may be; None for other links.

    What it rests on must stand unchanged when it is written.
    """
    if command.kind not in (LinkKind.CHILD_OF, LinkKind.PARENT_OF):
        return None
    id_ = command.target.partition("|")[0].partition("/")[2]
    other = yield from book.incident(id_)
    if other is None or other is draft:
        return None  # `moves.link` refuses what is linked to itself
    child, parent = (draft, other) if command.kind is LinkKind.CHILD_OF else (other, draft)
    above = yield from ancestors(book, parent)
    below = yield from _generations(book, child)
    depth = book.setting.policy.lifecycle.parent.depth
    links.check_parent(child.incident, above, below, depth)
    book.reads += [("incident", each) for each in above]
    return other


def ancestors(book: Workbook, draft: Draft) -> Flow[tuple[str, ...]]:
    """The ids from an incident upwards, itself first; a circle that there is already ends it."""
    found = [draft.incident.id]
    here: Draft | None = draft
    while here is not None:
        up = links.linked(here.incident, LinkKind.CHILD_OF)
        id_ = up[0].target.partition("/")[2] if up else ""
        if not id_ or id_ in found:
            break
        here = yield from book.incident(id_)
        found.append(here.incident.id if here is not None else draft.incident.id)
    return tuple(dict.fromkeys(found))


def _generations(book: Workbook, draft: Draft) -> Flow[int]:
    """How many generations there are under an incident."""
    count, level = 0, [draft]
    seen: set[str] = {draft.incident.id}
    while True:
        below: list[Draft] = []
        for each in level:
            for link in links.linked(each.incident, LinkKind.PARENT_OF):
                id_ = link.target.partition("/")[2]
                found = None if id_ in seen else (yield from book.incident(id_))
                seen.add(id_)
                if found is not None:
                    below.append(found)
        if not below:
            return count
        count, level = count + 1, below


def other_end(book: Workbook, draft: Draft, other: Draft, kind: LinkKind) -> None:
    """The other end of a link between two incidents, in the same commit."""
    target = f"incident/{draft.incident.id}"
    have = any(x.kind is kind.inverse and x.target == target for x in other.incident.ties.links)
    if not have:
        linked = e.Linked(kind.inverse, target, draft.incident.ref)
        other.happened(linked, book.setting, book.at)
    parent, child = (other, draft) if kind is LinkKind.CHILD_OF else (draft, other)
    for turned in reactions.turned(parent.incident, child.incident):
        parent.happened(turned, book.setting, book.at, by=reactions.SYSTEM)


def on_record(book: Workbook, command: c.LinkTo | c.Unlink, kind: str, id_: str) -> Flow[object]:
    """A link made, or taken away, at a record other than an incident."""
    draft: RecordDraft[object] | None = yield from book.record(kind, id_)
    if draft is None:
        raise NotFound("record", command.subject)
    value: object = draft.value
    ref, version = str(getattr(value, "ref", "")), int(getattr(value, "version", 0))
    yield from authorise(book, command.action, f"{kind}/{ref}", None)
    if command.if_version is not None and command.if_version != version:
        raise VersionMismatch(ref, command.if_version, version)
    asked = yield from _asked(book, command, kind, id_, links_of(value))
    if asked is not None:
        happen(book, draft, aggregate(kind).decide(value, asked, book.at))
    return draft.value


def _asked(
    book: Workbook,
    command: c.LinkTo | c.Unlink,
    kind: str,
    id_: str,
    known: tuple[Link, ...],
) -> Flow[Mirror | None]:
    if isinstance(command, c.LinkTo):
        named = yield from link_target(book, kind, command.kind, command.target)
        target, _, ref = named.partition("|")
        if target == f"{kind}/{id_}":
            raise InvalidValue("target", "a record cannot be linked to itself")
        link = Link(command.kind, target, ref)
        same = any((x.kind, x.target) == (link.kind, target) for x in known)
        return None if same else Mirror(command.subject, link, True)
    links.check_unlink(command.kind)
    for x in known:
        if x.kind is command.kind and command.target in (x.target, x.ref):
            return Mirror(command.subject, x, False)
    raise NotFound(f"{command.kind} link", command.target)
