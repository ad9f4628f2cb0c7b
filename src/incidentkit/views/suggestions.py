"""Suggestions for a terminal: what may help with an incident, each with how sure and why."""

from __future__ import annotations

from datetime import timedelta

from incidentkit.flows.suggesting import Suggestion, Suggestions
from incidentkit.model.reason import Reason
from incidentkit.rules import match, suggest
from incidentkit.views.text import many, plain, span

TITLES = (
    ("known_errors", "Known errors"),
    ("recurrences", "May have come back"),
    ("similar", "Similar incidents"),
    ("changes", "Changes shortly before"),
)

MOST_WORDS = 12
"""How many words in common are written out."""


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
    if not said:
        said = [f"nothing is known that resembles {plain(found.of)}"]
    return [*said, *([found.note] if found.note else [])]


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
