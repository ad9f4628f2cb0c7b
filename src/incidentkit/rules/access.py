"""The built-in authoriser: roles on the tenant and in the incident, labels, private incidents.

How to read it. `GROUPS` says to which group each action belongs; an action of no group belongs to
`administer`. A role holds entries: a group, an action, or `*`; behind an `@` stand the states of
the incident in which it counts (`reopen@resolved,closed`). So who may do what in which state is
data, here and in the `[access]` section of a policy, and nowhere else.

Seeing is judged apart from doing. Whoever has a role on the tenant sees what is open to the level
and the compartments of that role; whoever takes part in an incident sees it whatever its level,
because TLP:RED means the people present (FIRST, 2022). Compartments need a clearance from both.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import combinations

import attrs

from incidentkit.ids import SYSTEM_ACTOR
from incidentkit.lang.conditions import Condition
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.labels import Label, Tlp
from incidentkit.model.people import COMMANDER
from incidentkit.rules.authorise import Opinion, Permission

ANYBODY = "*"
"""Among the members of a role: everybody. Among its entries: everything."""
MOST_COMPARTMENTS = 8
"""Compartments that one role may be cleared for by name; more would need too many combinations."""

_GROUPS = {
    "report": "declare report_incident raise_problem",
    "follow": "watch confirm_resolution reject_resolution answer",
    "comment": "note reply note_problem note_maintenance attach add_reference",
    "respond": """
        accept decline triage start hold resume mitigate observe regress resolve close reopen cancel
        acknowledge assign take_role leave_role prioritise edit correct link unlink notify wake
        add_task start_task complete_task cancel_task assign_task reopen_task attach_checklist
        assert_fact assess_impact withdraw_impact record_impact_interval end_impact_interval
        correct_impact_interval withdraw_impact_interval mark_affected clear_affected state_aspect
        drop_aspect involve_organisation release_organisation remove_reference propose_hypothesis
        judge_hypothesis name_cause confirm_cause reject_cause offer_workaround judge_workaround
        drop_workaround record_decision hand_over_attachment withdraw_attachment label_attachment
        offer_handover brief_handover accept_handover decline_handover withdraw_handover
        propose_major set_status set_public move_region set_label call mirror record page_sooner
        merge unmerge split move_alerts move_reports open_successor
        assess analyse fix verify reanalyse assign_problem edit_problem prioritise_problem
        correct_problem state_cause withdraw_cause state_workaround withdraw_workaround
        communicate_fix communicate_workaround use_known_error resolve_problem close_problem
        cancel_problem wake_problem
        plan_maintenance edit_maintenance announce_maintenance start_maintenance verify_maintenance
        complete_maintenance extend_maintenance reschedule_maintenance roll_back_maintenance
        cancel_maintenance silence end_silence
        read_drafts send_draft
        open_review edit_review submit_review add_follow_up change_follow_up complete_follow_up
        cancel_follow_up revise_review
    """,
    "manage": """
        accept_major reject_major stand_down demote make_private lift_privacy place_legal_hold
        accept_risk publish_known_error revise_known_error retire_known_error approve_maintenance
        approve_review return_review publish_review assign_review waive_review read_audit
        set_mode read_shadow_report
    """,
    "custody": "lift_legal_hold redact list_orphans purge",
    "operate": """
        receive read retry seal verify_journal diagnose audit release
        enrol adopt_ticket ticket_changed detach import
    """,
    "glass": "break_glass",
    "administer": "adopt_policy back_up restore",
}
GROUPS: FrozenMap[str, str] = FrozenMap(
    {action: group for group, names in _GROUPS.items() for action in names.split()}
)
"""Action -> the group that it belongs to."""
GROUP_NAMES = tuple(_GROUPS)


@attrs.frozen
class RoleGrant:
    """What a role on the tenant may do, and what its members are cleared to see.

    `members` are parties, `*` is everybody. `label` is the highest level they see unasked, with
    the `compartments` (`*`: all of them); `private`: private incidents are open to them as well.
    """

    members: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    label: Tlp = Tlp.GREEN
    compartments: tuple[str, ...] = ()
    private: bool = False


_REPORTER = ("note", "reply", "follow", "reopen@resolved,closed", "cancel@new")
_RESPONDER = ("report", "follow", "comment", "respond", "glass")

ROLES: FrozenMap[str, RoleGrant] = FrozenMap(
    {
        "viewer": RoleGrant((), ("report", "follow")),
        "responder": RoleGrant((), _RESPONDER, Tlp.AMBER),
        "manager": RoleGrant((), (*_RESPONDER, "manage", "custody"), Tlp.AMBER_STRICT),
        "admin": RoleGrant((), (ANYBODY,), Tlp.RED, (ANYBODY,), private=True),
    }
)
"""The roles on the tenant that there are without a word in the policy; they have no members."""

INSIDE: FrozenMap[str, tuple[str, ...]] = FrozenMap(
    {
        "owner": ("comment", "follow", "respond", "manage"),
        COMMANDER: ("comment", "follow", "respond", "manage"),
        "communications": ("comment", "follow", "notify", "set_public", "reply"),
        "assignee": ("comment", "follow", "respond"),
        "participant": ("comment", "follow"),
        "reporter": _REPORTER,
        "watcher": ("follow",),
        "paged": ("acknowledge", "note", "start", "mitigate"),
        "recipient": ("acknowledge", "note", "follow"),
    }
)
"""What somebody may do in an incident because of what they are in it, whatever their role outside.

`participant` is whoever holds any other role in it, `paged` whoever was sent a page about it,
`recipient` whoever answers a message with the token that it carried.
"""


NO_TEAMS: FrozenMap[str, tuple[str, ...]] = FrozenMap()


@attrs.frozen
class AccessTerms:
    """What a policy says about access; off, everybody in the tenant may do and see everything.

    `everybody` is the role of whoever is a member of none; empty: none at all. `read_audit` is the
    level from which reading is written down; None: never. `tells` hear of a broken glass beside
    whoever is responsible. What `private_when` comes to hold of is private; `private_admits` are
    let in to it.
    """

    on: bool = False
    roles: FrozenMap[str, RoleGrant] = ROLES
    inside: FrozenMap[str, tuple[str, ...]] = INSIDE
    everybody: str = "viewer"
    read_audit: Tlp | None = None
    read_audit_every: timedelta = timedelta(minutes=15)
    glass_for: timedelta = timedelta(hours=1)
    tells: tuple[str, ...] = ()
    teams: FrozenMap[str, tuple[str, ...]] = NO_TEAMS
    private_when: Condition | None = None
    private_admits: tuple[str, ...] = ()

    def names(self, actor: str) -> tuple[str, ...]:
        """The actor, and the teams that the policy says they belong to."""
        return (actor, *(team for team, members in self.teams.items() if actor in members))

    def grants(self, actor: str) -> tuple[tuple[str, RoleGrant], ...]:
        """The roles that the actor has on the tenant; `everybody`'s where it is a member of none.

        The system has no role and needs none.
        """
        names = self.names(actor)
        found = tuple(
            (name, grant)
            for name, grant in self.roles.items()
            if ANYBODY in grant.members or any(x in grant.members for x in names)
        )
        if found:
            return found
        rest = self.roles.get(self.everybody)
        return () if rest is None else ((self.everybody, rest),)


OPEN_WORLD = AccessTerms()


# --- doing ----------------------------------------------------------------------------------------


def covers(entries: Iterable[str], action: str, state: str) -> bool:
    """Whether one of the entries allows the action in a state; an empty state is any.

    >>> covers(("respond@new,triaged",), "start", "new"), covers(("reopen@closed",), "start", "")
    (True, False)
    """
    group = GROUPS.get(action, "administer")
    for entry in entries:
        what, at, states = entry.partition("@")
        if what in (ANYBODY, group, action) and (not at or not state or state in states.split(",")):
            return True
    return False


def roles_inside(incident: Incident, names: tuple[str, ...]) -> tuple[str, ...]:
    """What somebody is in an incident, by any of their names."""
    people = incident.people
    found: list[str] = []
    if people.owner in names:
        found.append("owner")
    if people.assignee in names or people.team in names:
        found.append("assignee")
    held = [x.role for x in people.roles if x.until is None and x.holder in names]
    found += held
    found += ["participant"] if held else []
    if incident.card.reporter in names:
        found.append("reporter")
    if any(x in names for x in people.watchers):
        found.append("watcher")
    if any(x.holder in names for x in incident.attention.leases):
        found.append("participant")
    return tuple(dict.fromkeys(found))


def judge(
    terms: AccessTerms,
    actor: str,
    action: str,
    incident: Incident | None,
    extra: tuple[str, ...] = (),
) -> Permission:
    """The built-in opinion: may the actor do this, by a role outside or inside the incident?

    `extra` are roles inside it that only the flow can know: `paged`, `recipient`.
    """
    if not terms.on or actor == SYSTEM_ACTOR:
        return Permission(Opinion.ALLOW, "open")
    state = "" if incident is None else incident.life.state.value
    outside = terms.grants(actor)
    for name, grant in outside:
        if covers(grant.may, action, state):
            return Permission(Opinion.ALLOW, f"role {name}")
    inside = () if incident is None else roles_inside(incident, terms.names(actor))
    for name in (*inside, *extra):
        if covers(terms.inside.get(name, ()), action, state):
            return Permission(Opinion.ALLOW, f"{name} of the incident")
    roles = ", ".join((*(name for name, _ in outside), *inside, *extra)) or "no role"
    where = f" while it is {state}" if state else ""
    return Permission(Opinion.DENY, f"{roles}: may not {action}{where}")


# --- seeing ---------------------------------------------------------------------------------------


@attrs.frozen
class Clearance:
    """What somebody sees without taking part: up to a level, in these compartments.

    `nothing`: not even what is open to everybody.
    """

    level: int = 0
    compartments: frozenset[str] = frozenset()
    every: bool = False
    private: bool = False
    nothing: bool = False

    @property
    def full(self) -> bool:
        """Whether there is nothing that it does not see."""
        return self.every and self.private and self.level >= Tlp.RED.rank

    def sets(self) -> tuple[str, ...]:
        """Every combination of the compartments, as the column writes them; none is one too."""
        names = sorted(self.compartments)
        return tuple(
            ",".join(some) for size in range(len(names) + 1) for some in combinations(names, size)
        )


FULL = Clearance(Tlp.RED.rank, frozenset(), every=True, private=True)


def clearance(terms: AccessTerms, actor: str) -> Clearance:
    """What the roles of an actor open together: the highest level, all compartments."""
    if not terms.on or actor == SYSTEM_ACTOR:
        return FULL
    grants = [grant for _, grant in terms.grants(actor)]
    if not grants:
        return Clearance(nothing=True)
    named = frozenset(x for each in grants for x in each.compartments)
    return Clearance(
        max(each.label.rank for each in grants),
        frozenset(sorted(named - {ANYBODY})[:MOST_COMPARTMENTS]),
        ANYBODY in named,
        any(each.private for each in grants),
    )


def restricted(incident: Incident) -> bool:
    """Whether not everybody with a role sees it: it is private, or it has a label."""
    more = incident.more
    return more is not None and (more.overlays.privacy is not None or more.scope.label is not None)


def participants(incident: Incident) -> frozenset[str]:
    """Everybody who has to do with it, or was let in: whom a private incident is there for."""
    people, overlays = incident.people, incident.dossier.overlays
    found = {people.owner, people.assignee, people.team, incident.card.reporter, *people.watchers}
    found.update(x.holder for x in people.roles if x.until is None)
    found.update(x.holder for x in incident.attention.leases)
    found.update(x.party for x in overlays.glass)
    found.update(overlays.privacy.admits if overlays.privacy is not None else ())
    return frozenset(x for x in found if x)


def sees(terms: AccessTerms, actor: str, incident: Incident, at: datetime) -> bool:
    """Whether somebody may see an incident, judged from the incident itself.

    The filter that a store is asked by says the same of its columns.
    """
    clear = clearance(terms, actor)
    if clear.full:
        return True
    overlays, label = incident.dossier.overlays, incident.dossier.scope.label
    if any(x.party == actor and x.until > at for x in overlays.glass):
        return True
    if label is not None and not _in_compartments(clear, label):
        return False
    names = terms.names(actor)
    inside = participants(incident)
    lapsed = {x.party for x in overlays.glass}
    if any(x in inside for x in names) and (actor not in lapsed or _otherwise(incident, names)):
        return True
    if clear.nothing or (overlays.privacy is not None and not clear.private):
        return False
    return label is None or label.level.rank <= clear.level


def _otherwise(incident: Incident, names: tuple[str, ...]) -> bool:
    """Whether somebody who broke the glass has to do with it beside that."""
    bare = attrs.evolve(
        incident,
        more=attrs.evolve(
            incident.dossier, overlays=attrs.evolve(incident.dossier.overlays, glass=())
        ),
    )
    return any(x in participants(bare) for x in names)


def _in_compartments(clear: Clearance, label: Label) -> bool:
    return clear.every or clear.compartments.issuperset(label.compartments)
