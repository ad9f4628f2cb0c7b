"""The authoriser contract as cases: pure, closed where it does not know, one denial is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, TypeAlias

import attrs

from incidentkit.lang.conditions.condition import Condition
from incidentkit.rules.authorise import Opinion, Permission, fold
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, of_type, true
from incidentkit.testing.report import Report
from incidentkit.testing.threads import together
from incidentkit.testing.trial import HOSTILE_TEXTS, PluginTrial, check_plugin

NOBODY = "nobody-of-this-name"

Question: TypeAlias = tuple[str, str, str]
"""Actor, action, subject, as `may` is asked."""

SUBJECTS = ("incident", "incident/INC-1", "problem/PRB-1", "maintenance", "")
ACTIONS = ("acknowledge", "note", "resolve", "redact", "receive", "no-such-action")
KINDS = ("incident", "problem", "alert", "maintenance", "review", "no-such-kind")


@attrs.frozen
class AuthoriserHarness:
    """How authorisers of yours are made, and questions whose answers are known.

    `outage` is a block in which whatever they ask is away; without it a case is skipped. Set
    `everybody` where strangers may do things on purpose.
    """

    make: Callable[[], Any]
    allowed: tuple[Question, ...] = ()
    denied: tuple[Question, ...] = ()
    outage: Callable[[], AbstractContextManager[object]] | None = None
    everybody: bool = False


Trial: TypeAlias = PluginTrial[AuthoriserHarness]


def allows(trial: Trial) -> None:
    """What is allowed is allowed, once the library has folded all opinions."""
    for question in trial.harness.allowed:
        true(fold([_may(trial.plugin, question)]).granted, f"{question} is allowed")


def refuses(trial: Trial) -> None:
    """What is not allowed is not, once the library has folded all opinions."""
    for question in trial.harness.denied:
        true(not fold([_may(trial.plugin, question)]).granted, f"{question} is not allowed")


def denial_wins(trial: Trial) -> None:
    """A denial of its own is said as one, so that another's leave does not undo it."""
    leave = Permission(Opinion.ALLOW, "another authoriser")
    for question in trial.harness.denied:
        mine = _may(trial.plugin, question)
        if mine.opinion is Opinion.DENY:
            true(not fold([leave, mine]).granted, f"{question} stays denied")
    refusal = Permission(Opinion.DENY, "another authoriser")
    for question in trial.harness.allowed:
        mine = _may(trial.plugin, question)
        true(not fold([mine, refusal]).granted, f"{question} is denied by another")


def strangers(trial: Trial) -> None:
    """Whoever is not known is allowed nothing; no opinion is no leave."""
    for action in ACTIONS:
        for subject in SUBJECTS:
            _closed(trial.plugin, (NOBODY, action, subject))


def hostile(text: str, trial: Trial) -> None:
    """A hostile actor, action or subject is never allowed by accident, and raises nothing."""
    _closed(trial.plugin, (text, "redact", "incident/INC-1"))
    _may(trial.plugin, (NOBODY, text, "incident/INC-1"))
    _may(trial.plugin, (NOBODY, "redact", text))
    _scope(trial.plugin, text, "incident")
    _scope(trial.plugin, NOBODY, text)


def pure(trial: Trial) -> None:
    """The same question has the same answer: again, after others, and of another object."""
    questions = [*trial.harness.allowed, *trial.harness.denied]
    questions += [(NOBODY, action, "incident/INC-1") for action in ACTIONS]
    first = [_may(trial.plugin, question) for question in questions]
    again = [_may(trial.plugin, question) for question in reversed(questions)]
    equal(again[::-1], first, "the answers in the other order")
    other = trial.another()
    equal([_may(other, question) for question in questions], first, "another one's answers")


def scopes(trial: Trial) -> None:
    """What an actor may see of any kind is a condition or nothing at all, and stays the same."""
    actors = {NOBODY, *(question[0] for question in trial.harness.allowed)}
    for actor in sorted(actors):
        for kind in KINDS:
            equal(_scope(trial.plugin, actor, kind), _scope(trial.plugin, actor, kind))


def outage(trial: Trial) -> None:
    """While it cannot ask, it denies or raises; it never allows."""
    authoriser = trial.plugin
    with trial.during(trial.harness.outage):
        for question in (*trial.harness.allowed, *trial.harness.denied):
            try:
                answer = _may(authoriser, question)
            except Exception:
                continue
            true(not fold([answer]).granted, f"{question} is not allowed during an outage")


def many_threads(trial: Trial) -> None:
    """Eight threads ask at once, and each gets the answer to its own question."""
    authoriser = trial.plugin
    questions = [*trial.harness.allowed, *trial.harness.denied, (NOBODY, "redact", "incident")]
    wanted = [_may(authoriser, question) for question in questions]

    def work(number: int) -> None:
        for n in range(10):
            place = (number + n) % len(questions)
            equal(_may(authoriser, questions[place]), wanted[place])

    together(8, work)


def _may(authoriser: Any, question: Question) -> Permission:
    answer = of_type(authoriser.may(*question), Permission)
    of_type(answer.opinion, Opinion)
    return answer


def _closed(authoriser: Any, question: Question) -> None:
    true(not fold([_may(authoriser, question)]).granted, f"{question} is not allowed")


def _scope(authoriser: Any, actor: str, kind: str) -> Condition | None:
    found = authoriser.scope(actor, kind)
    return None if found is None else of_type(found, Condition)


_CASES: tuple[Case[Trial], ...] = (
    Case("authoriser.allows", allows, ("allowed",)),
    Case("authoriser.refuses", refuses, ("denied",)),
    Case("authoriser.denial-wins", denial_wins),
    Case("authoriser.strangers", strangers, ("closed",)),
    *(
        Case(f"authoriser.hostile.{name}", partial(hostile, text), ("closed",))
        for name, text in HOSTILE_TEXTS.items()
    ),
    Case("authoriser.pure", pure),
    Case("authoriser.scopes", scopes),
    Case("authoriser.outage", outage, ("allowed", "outage")),
    Case("authoriser.many-threads", many_threads),
)


def authoriser_cases() -> tuple[Case[Trial], ...]:
    """Every case of the authoriser contract; ids are public and stay."""
    return _CASES


def authoriser_capabilities(harness: AuthoriserHarness) -> tuple[str, ...]:
    """What the harness of an authoriser can tell, as cases name it."""
    able = {
        "allowed": bool(harness.allowed),
        "closed": not harness.everybody,
        "denied": bool(harness.denied),
        "outage": harness.outage is not None,
    }
    return tuple(name for name, has in able.items() if has)


def check_authoriser(
    made: AuthoriserHarness | Callable[[], Any], cases: Iterable[Case[Trial]] = _CASES
) -> Report:
    """Run the cases on authorisers of yours; `made` is a harness, or a function that makes one."""
    harness = made if isinstance(made, AuthoriserHarness) else AuthoriserHarness(made)
    return check_plugin("authoriser", harness, authoriser_capabilities, cases)
