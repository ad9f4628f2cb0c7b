"""Actions of automation that are sound and yet fail under this very document."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from incidentkit.policy.document import Policy
from incidentkit.policy.finding import Finding
from incidentkit.policy.reading import nearest
from incidentkit.rules.automate import Mode
from incidentkit.rules.bind import Action
from incidentkit.rules.communicate import DYNAMIC
from incidentkit.rules.shortcomings import literal


def automation(policy: Policy) -> Iterator[Finding]:
    """What fails each time it is done: names that the document does not have."""
    if not policy.automation:
        return
    words = _words(policy)
    for number, rule in enumerate(policy.automation):
        if rule.mode is Mode.OFF:
            continue
        for step, action in enumerate(rule.do):
            path = f"automation[{number}].do[{step}]"
            yield from _unknown(f"{path}.with", action, words)
            yield from _unrated(path, action)
            yield from _nowhere(f"{path}.with", action, policy)


def _words(policy: Policy) -> Mapping[tuple[str, str], Collection[str]]:
    """What a field of an action may say under this policy."""
    terms, scale = policy.lifecycle, policy.matrix
    beside = terms.overlays
    return {
        ("resolve", "code"): terms.codes,
        ("close", "code"): terms.codes,
        ("set_status", "code"): terms.codes,
        ("set_status", "status"): tuple(x.name for x in beside.statuses),
        ("attach_checklist", "checklist"): tuple(x.name for x in beside.checklists),
        ("move_region", "region"): tuple(beside.regions),
        ("notify", "audience"): (*policy.audiences, *DYNAMIC),
        ("triage", "impact"): scale.impacts,
        ("triage", "urgency"): scale.urgencies,
        ("prioritise", "impact"): scale.impacts,
        ("prioritise", "urgency"): scale.urgencies,
    }


def _unknown(
    path: str, action: Action, words: Mapping[tuple[str, str], Collection[str]]
) -> Iterator[Finding]:
    for field, value in action.fields.items():
        known, text = words.get((action.action, field)), literal(value)
        if known is not None and text and text not in known:
            told = f"{text[:80]!r} is not in this policy: the action fails{nearest(text, known)}"
            yield Finding(f"{path}.{field}", told)


def _unrated(path: str, action: Action) -> Iterator[Finding]:
    missing = [x for x in ("impact", "urgency") if not action.fields.get(x)]
    if action.action == "triage" and missing:
        told = f"gives no {' and no '.join(missing)}: it fails wherever that is still unknown"
        yield Finding(path, told)


def _nowhere(path: str, action: Action, policy: Policy) -> Iterator[Finding]:
    """A region that there is, moved to a state that it does not have."""
    if action.action != "move_region":
        return
    region = policy.lifecycle.overlays.regions.get(literal(action.fields["region"]) or "")
    to = literal(action.fields["to"])
    if region is not None and to and to not in region.states:
        told = f"{to[:80]!r} is no state of it: the action fails{nearest(to, region.states)}"
        yield Finding(f"{path}.to", told)
