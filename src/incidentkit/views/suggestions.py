"""Suggestions for a terminal: what may help with an incident, each with how sure and why."""

from __future__ import annotations

from datetime import timedelta

from incidentkit.flows.repeating import Proposal, Repeat
from incidentkit.flows.suggesting import Suggestion, Suggestions
from incidentkit.model.reason import Reason
from incidentkit.rules import match, recur, suggest
from incidentkit.views.frequent import some
from incidentkit.views.text import many, ordinal, plain, span

TITLES = (
    ("known_errors", "Known errors"),
    ("recurrences", "May have come back"),
    ("similar", "Similar incidents"),
    ("changes", "Changes shortly before"),
)

MOST_WORDS = 12
"""How many words in common are written out."""
REPEATS = "Recurs, by the rules of the policy"
_PROPOSED = {
    Proposal.MADE: "a problem was proposed already, and none is linked",
    Proposal.ON_RESOLVING: "no problem is known of it; one is proposed when this is resolved",
    Proposal.NONE: "no problem is known of it",
}


def lines(found: Suggestions) -> list[str]:
    """All suggestions, sort by sort, with what speaks for each."""
    said: list[str] = []
    for name, title in TITLES:
        sort: tuple[Suggestion, ...] = getattr(found, name)
        if sort:
            said.append(title)
            for each in sort:
                said += [f"  {line(each)}", f"    because {because(each.reason)}"]
                if each.advice:
                    said.append(f"    {plain(each.advice, 200)}")
    if found.repeats:
        said.append(REPEATS)
        for group in found.repeats:
            said += [f"  {repeat(group)}", f"    because {because(group.group.reason)}"]
            said += [f"    {told}" for told in behind(group)]
    if not said:
        said = [f"nothing is known that resembles {plain(found.of)}"]
    return [*said, *([found.note] if found.note else [])]


def repeat(each: Repeat) -> str:
    """Its place in a group: what is alike, in what time, by which rule, and the incidents."""
    group = each.group
    alike = " and ".join(f"{plain(key)} {plain(value, 60)}" for key, value in group.keys.items())
    window = plain(str(group.reason.inputs["window"]))
    return (
        f"{ordinal(each.place)} of {group.count} with the same {alike} within {window} "
        f"(rule {plain(group.rule)}): {some(group.incidents)}"
    )


def behind(each: Repeat) -> list[str]:
    """The problems that are known of a group; or whether one is proposed."""
    if each.proposal is not Proposal.KNOWN:
        return [_PROPOSED[each.proposal]]
    return [f"{plain(x.ref)} is known: {plain(x.title, 120)} ({x.state})" for x in each.problems]


def line(each: Suggestion) -> str:
    """One suggestion: how sure, which record, its title."""
    return f"{each.score // 10:3} %  {plain(each.ref, 60)}  {plain(each.title, 120)}"


def because(reason: Reason) -> str:
    """What speaks for it, in words."""
    if reason.rule == suggest.NEARNESS:
        before = reason.inputs["seconds_before"]
        seconds = before if isinstance(before, int) else 0
        where = (
            "to this service" if reason.inputs["same_service"] else "to no service in particular"
        )
        return f"it was made {span(timedelta(seconds=seconds))} before, {where}"
    if reason.rule == match.RULE:
        return _recognised(reason)
    if reason.rule == recur.RULE:
        return _counted(reason)
    shared = reason.inputs["shared"]
    names = [name.partition(":") for name in shared] if isinstance(shared, dict) else []
    others = [f"{sort} {plain(value, 60)}" for sort, _, value in names if sort != "word"]
    written = reason.inputs.get("words", ())
    words = [plain(str(x), 60) for x in written] if isinstance(written, tuple) else []
    said = [*others, *([_words(words)] if words else [])]
    return f"both have {'; '.join(said)}"


def _words(words: list[str]) -> str:
    """The words in common as the incident has them; of many, the first."""
    if len(words) == 1:
        return f"the word {words[0]}"
    left = len(words) - MOST_WORDS
    more = f" and {many(left, 'other')}" if left > 0 else ""
    return f"the words {', '.join(words[:MOST_WORDS])}{more}"


def _recognised(reason: Reason) -> str:
    """By what a known error was recognised."""
    given = reason.inputs
    every, found = given["symptoms"], given["found"]
    said = ["its condition holds"] if given["match"] else []
    if isinstance(every, tuple) and isinstance(found, tuple) and found:
        said.append(f"{len(found)} of {len(every)} words of its symptoms are here")
    said += [f"the same {word}" for word in ("service", "category") if given[f"same_{word}"]]
    return "; ".join(said)


def _counted(reason: Reason) -> str:
    """What was counted, and what would have been enough."""
    given = reason.inputs
    down, least = given["downtime"], given["least_downtime"]
    said = [f"there are {given['count']}"]
    said[0] += f", and {given['minimum']} are enough" if given["minimum"] else ""
    if isinstance(down, int) and isinstance(least, int) and least:
        enough = span(timedelta(seconds=least))
        said.append(f"down {span(timedelta(seconds=down))}, and {enough} is enough")
    return "; ".join(said)
