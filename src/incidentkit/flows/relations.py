"""Commands on two incidents at once: both are written in one commit, with whatever moves.

The rules (`rules.merge`) say what each is left with; here the alerts and reports are found, their
own records follow, and the groups that they came in go with them, so that what fires next finds the
right incident.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import attrs

from incidentkit.errors import InvalidValue, NotFound, VersionMismatch
from incidentkit.flows import merge_priority
from incidentkit.flows.advance import apply, decide, quieten, settle
from incidentkit.flows.contents import (
    absorbed_by,
    alerts_of,
    follow,
    gave_up,
    hand_over,
    reports_of,
)
from incidentkit.flows.declare import declare
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow
from incidentkit.flows.gate import authorise, resolve_ref
from incidentkit.flows.linking import ancestors
from incidentkit.flows.record_draft import RecordDraft
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model import relation_changes as r
from incidentkit.model.alert import AlertRecord
from incidentkit.model.incident import Card, Incident, Rating
from incidentkit.model.report import Report
from incidentkit.model.words import AlertStatus, CancelReason, LinkKind
from incidentkit.rules import merge as merging

T = TypeVar("T")
MOST = 5_000
"""How many alerts and reports one command may move; more are moved by several."""


def carry_out(book: Workbook, command: c.Command) -> Flow[Incident]:
    """A command about two incidents; the one that it leaves people with."""
    draft = yield from _named(book, command.subject)
    incident = draft.incident
    yield from authorise(book, command.action, f"incident/{incident.ref}", draft)
    if command.if_version is not None and command.if_version != incident.version:
        raise VersionMismatch(incident.ref, command.if_version, incident.version)
    apply(book, draft, decide(book, draft, command, book.setting.by))
    if isinstance(command, r.Merge):
        yield from _merge(book, draft, command)
    elif isinstance(command, r.Unmerge):
        yield from unmerge(book, draft, command)
    elif isinstance(command, r.Split):
        draft = yield from _split(book, draft, command)
    elif isinstance(command, r.MoveAlerts | r.MoveReports):
        yield from _move(book, draft, command)
    elif isinstance(command, r.OpenSuccessor):
        draft = yield from _successor(book, draft, command)
    else:
        raise TypeError(f"{type(command).__name__} is no command on two incidents")
    return draft.incident


def _named(book: Workbook, name: str) -> Flow[Draft]:
    kind, id_ = yield from resolve_ref(name, book)
    draft = (yield from book.incident(id_)) if kind == "incident" else None
    if draft is None:
        raise NotFound("incident", name)
    return draft


def _other(book: Workbook, draft: Draft, command: c.Command, name: str) -> Flow[Draft]:
    other = yield from _named(book, name)
    merging.check_two(draft.incident, other.incident, command.action)
    yield from authorise(book, command.action, f"incident/{other.incident.ref}", other)
    return other


def _finish(book: Workbook, *drafts: Draft) -> Flow[None]:
    for draft in drafts:
        quieten(draft, book)
        yield from settle(book, draft)


def _contents(
    alerts: Iterable[AlertRecord], reports: Iterable[RecordDraft[Report]]
) -> merging.Contents:
    listed = tuple(alerts)
    return merging.Contents(
        tuple(x.id for x in listed),
        sum(x.alert.status is AlertStatus.FIRING for x in listed),
        tuple(x.value.id for x in reports),
    )


# --- merging --------------------------------------------------------------------------------------


def _merge(book: Workbook, draft: Draft, command: r.Merge) -> Flow[None]:
    other = yield from _other(book, draft, command, command.target)
    merging.check_home(other.incident, command.action)
    merging.check_free(other.incident, command.action)
    merging.check_major(draft.incident, other.incident, command.action)
    merging.check_reach(draft.incident, other.incident, command.action)
    above = yield from ancestors(book, draft)
    if other.incident.id in above[2:]:
        raise InvalidValue(
            "target", f"{draft.incident.ref} descends from {other.incident.ref}; unlink it first"
        )
    alerts = yield from alerts_of(other.incident.id, MOST)
    reports = yield from reports_of(book, other.incident.id, MOST)
    contents = _contents(alerts, reports)
    _label(book, other, draft)
    was = other.incident
    two = merging.merge(draft.incident, was, contents, command.reason)
    apply(book, other, two.giver)
    apply(book, draft, two.taker)
    yield from hand_over(book, other, draft, alerts, reports, command.reason)
    yield from _finish(book, other, draft)
    yield from merge_priority.level(book, draft, was)


def take_over(book: Workbook, draft: Draft, other: Draft) -> Flow[None]:
    """The reporters, watchers and open tasks of a duplicate follow the survivor; so does its label.

    What has no tasks, reports, watchers and label leaves no more there than its link.
    """
    end = yield from follow(book, other)
    if end is draft:
        ref = other.incident.ref
        raise InvalidValue("target", f"{ref} is itself a duplicate of {draft.incident.ref}")
    reports: tuple[RecordDraft[Report], ...] = ()
    if draft.incident.ties.reports:
        reports = yield from reports_of(book, draft.incident.id, MOST)
    contents = _contents((), reports)
    _label(book, draft, end)
    how = CancelReason.DUPLICATE
    was = draft.incident
    two = merging.absorb(end.incident, was, contents, how, "")
    if two.giver:
        merging.check_free(draft.incident, "cancel (duplicate)")
    merging.check_major(end.incident, draft.incident, "cancel (duplicate)")
    merging.check_reach(end.incident, draft.incident, "cancel (duplicate)")
    apply(book, draft, two.giver)
    apply(book, end, two.taker)
    yield from hand_over(book, draft, end, (), reports, f"duplicate of {end.incident.ref}")
    yield from settle(book, end)
    if end.incident.life.state in merging.HOME:
        yield from merge_priority.level(book, end, was)


def unmerge(book: Workbook, draft: Draft, command: r.Unmerge) -> Flow[None]:
    """The merged incident is reopened, which undoes its link and gives back what it had."""
    reopening = c.Reopen(command.subject, reason=command.reason)
    apply(book, draft, decide(book, draft, reopening, book.setting.by))
    yield from undo(book, draft, CancelReason.MERGED, command.reason)
    yield from _finish(book, draft)


def undo(book: Workbook, draft: Draft, how: CancelReason, why: str) -> Flow[None]:
    """Give back what went over when it was merged, or cancelled as a duplicate.

    Raises InvalidValue where the survivor was itself merged since: undo that first.
    """
    gave = yield from gave_up(draft.incident, how)
    if gave is None:
        return
    survivor = yield from book.incident(gave.target.partition("/")[2])
    if survivor is None:
        raise NotFound("incident", gave.ref)
    if survivor.incident.course.ending.cancelled is CancelReason.MERGED:
        into = survivor.incident.course.ending.target
        raise InvalidValue("subject", f"{gave.ref} was itself merged into {into}; undo that first")
    absorbed = yield from absorbed_by(survivor.incident, draft.incident)
    if absorbed is None:
        return
    here = survivor.incident.id
    merging.check_free(survivor.incident, "unmerge" if how is CancelReason.MERGED else "reopen")
    mine = frozenset(gave.alerts)
    found = (yield from alerts_of(here, MOST)) if gave.alerts else ()
    alerts = tuple(x for x in found if x.id in mine)
    theirs = frozenset(gave.reports)
    came = (yield from reports_of(book, here, MOST)) if gave.reports else ()
    reports = tuple(x for x in came if x.value.id in theirs)
    two = merging.give_back(
        survivor.incident, draft.incident, absorbed, gave, _contents(alerts, reports), why
    )
    apply(book, survivor, two.taker)
    apply(book, draft, two.giver)
    if alerts or reports:
        _label_again(book, survivor, draft, absorbed)
    yield from hand_over(book, survivor, draft, alerts, reports, why)
    yield from _finish(book, survivor)


# --- splitting and moving -------------------------------------------------------------------------


def _split(book: Workbook, draft: Draft, command: r.Split) -> Flow[Draft]:
    """A new incident with some of the alerts and reports, as far as they are known to be its."""
    merging.check_free(draft.incident, command.action)
    alerts = yield from _chosen_alerts(book, draft, command.alerts)
    reports = yield from _chosen_reports(book, draft, command.reports)
    was = draft.incident
    first = min((x.first_at for x in alerts), default=None)
    declaration = c.Declare(
        command.title,
        service=was.card.service,
        impact=was.rating.impact,
        urgency=was.rating.urgency,
        team=was.people.team,
        category=was.card.category,
        reporter=reports[0].value.hears if reports else None,
        source=was.card.source,
        detected_at=first,
    )
    other = yield from declare(book, declaration)
    _tie(book, other, draft, LinkKind.SPLIT_FROM)
    _label(book, draft, other)
    why = command.reason or f"split from {was.ref}"
    yield from _over(book, draft, other, alerts, reports, why)
    return other


def _tie(book: Workbook, draft: Draft, other: Draft, kind: LinkKind) -> None:
    """Both ends of a link in this commit, so that no reaction is needed."""
    one, two = draft.incident, other.incident
    linked = e.Linked(kind, merging.stream(two), two.ref)
    draft.happened(linked, book.setting, book.at)
    back = e.Linked(kind.inverse, merging.stream(one), one.ref)
    other.happened(back, book.setting, book.at)


def _label(book: Workbook, giver: Draft, taker: Draft) -> None:
    """What is handed over stays as closely held as it was: the taker's label rises, never falls."""
    from incidentkit.rules import labelling

    said = labelling.raised(taker.incident, giver.incident, book.setting.policy.hash)
    if said is not None:
        event, reason = said
        taker.happened(event, book.setting, book.at, reason=reason)
    given, taken = giver.incident.dossier.overlays, taker.incident.dossier.overlays
    if given.privacy is not None and taken.privacy is None:
        from incidentkit.model.privacy_changes import PrivacySet

        why = "it took over what was private"
        taker.happened(PrivacySet(why, given.privacy.admits), book.setting, book.at)


def _label_again(book: Workbook, giver: Draft, taker: Draft, absorbed: r.Absorbed) -> None:
    """What goes back is as closely held as before, and closer where that was decided meanwhile."""
    from incidentkit.rules.labelling import stricter

    if stricter(giver.incident.dossier.scope.label, absorbed.scope.label):
        _label(book, giver, taker)


def _move(book: Workbook, draft: Draft, command: r.MoveAlerts | r.MoveReports) -> Flow[None]:
    other = yield from _other(book, draft, command, command.target)
    merging.check_home(other.incident, command.action)
    merging.check_free(draft.incident, command.action)
    alerts: tuple[AlertRecord, ...] = ()
    reports: tuple[RecordDraft[Report], ...] = ()
    if isinstance(command, r.MoveAlerts):
        alerts = yield from _chosen_alerts(book, draft, command.alerts)
    else:
        reports = yield from _chosen_reports(book, draft, command.reports)
    yield from _over(book, draft, other, alerts, reports, command.reason)
    if alerts or reports:
        _label(book, draft, other)


def _over(
    book: Workbook,
    giver: Draft,
    taker: Draft,
    alerts: tuple[AlertRecord, ...],
    reports: tuple[RecordDraft[Report], ...],
    why: str,
) -> Flow[None]:
    contents = _contents(alerts, reports)
    two = merging.move(taker.incident, giver.incident, contents, why)
    apply(book, giver, two.giver)
    apply(book, taker, two.taker)
    yield from hand_over(book, giver, taker, alerts, reports, why)
    yield from _finish(book, giver, taker)


def _chosen_alerts(
    book: Workbook, draft: Draft, names: tuple[str, ...]
) -> Flow[tuple[AlertRecord, ...]]:
    if not names:
        return ()
    found = yield from alerts_of(draft.incident.id, MOST)
    known: dict[str, AlertRecord] = {x.id: x for x in found}
    return tuple(_one(known, name, "alert", draft) for name in names)


def _chosen_reports(
    book: Workbook, draft: Draft, names: tuple[str, ...]
) -> Flow[tuple[RecordDraft[Report], ...]]:
    if not names:
        return ()
    found = yield from reports_of(book, draft.incident.id, MOST)
    known = {name: x for x in found for name in (x.value.id, x.value.ref)}
    return tuple(_one(known, name.removeprefix("report/"), "report", draft) for name in names)


def _one(known: dict[str, T], name: str, what: str, draft: Draft) -> T:
    found = known.get(name)
    if found is None:
        raise NotFound(f"{what} of {draft.incident.ref}", name)
    return found


# --- successors -----------------------------------------------------------------------------------


def _successor(book: Workbook, draft: Draft, command: r.OpenSuccessor) -> Flow[Draft]:
    """A new incident that takes over what the policy lists; the reason opens its summary."""
    was = draft.incident
    copies = frozenset(book.setting.policy.lifecycle.successor_copies)
    card = Card("-")
    card = attrs.evolve(card, **{x: getattr(was.card, x) for x in _OF_THE_CARD if x in copies})
    rating = was.rating if "rating" in copies else Rating()
    declaration = c.Declare(
        card.title if "title" in copies else f"{command.reason} (after {was.ref})",
        summary=card.summary,
        service=card.service,
        impact=rating.impact,
        urgency=rating.urgency,
        owner=was.people.owner if "owner" in copies else None,
        reporter=card.reporter,
        labels=card.labels,
        category=card.category,
        team=was.people.team if "team" in copies else None,
        severity=rating.severity,
    )
    other = yield from declare(book, declaration)
    _tie(book, other, draft, LinkKind.SUCCESSOR_OF)
    _label(book, draft, other)
    other.happened(e.Noted(command.reason), book.setting, book.at)
    yield from _finish(book, other, draft)
    return other


_OF_THE_CARD = ("title", "summary", "service", "category", "labels", "reporter")
