"""The channel contract as cases: what is sent, what is said of it, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, TypeAlias

import attrs

from incidentkit.model import checks
from incidentkit.model.delivery import Message, Refused, Retry, Sent
from incidentkit.model.signals import SourceRequest
from incidentkit.model.words import MessageKind
from incidentkit.ports.channel import SupportsAnswers
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import CaseFailed, equal, of_type, true
from incidentkit.testing.junk import JUNK
from incidentkit.testing.parsing import parsed, same_twice
from incidentkit.testing.report import Report
from incidentkit.testing.threads import together
from incidentkit.testing.trial import HOSTILE_TEXTS, PluginTrial, check_plugin

TOKEN = "5f0c3a1e9b7d4826a1c05e3f7b9d2460"
"""The answer token of the kit's messages: a secret of the recipient."""


@attrs.frozen
class ChannelHarness:
    """How channels of yours are made, over a service that takes what it is given.

    `to` is an address the service takes. `sent` tells the keys of the messages that arrived there,
    `outage` is a block in which the service is away; without them some cases are skipped.
    """

    make: Callable[[], Any]
    to: str = "+49 30 1"
    sent: Callable[[Any], Sequence[str]] | None = None
    outage: Callable[[], AbstractContextManager[object]] | None = None


Trial: TypeAlias = PluginTrial[ChannelHarness]


def message(trial: Trial, key: str = "k1", **changes: Any) -> Message:
    """A message to an address that the service takes, of a kind that the channel takes.

    Its key begins with `key`, and is the same for the same `key` within one case.
    """
    channel = trial.plugin
    fields: dict[str, Any] = {
        "key": f"{key}-{trial.nonce}",
        "kind": min(channel.kinds),
        "channel": channel.name,
        "party": "ana",
        "to": trial.harness.to,
        "title": "Checkout answers 502",
        "text": "14 of 20 requests fail.",
        "ref": "INC-1",
        "priority": "P1",
        "answer_token": TOKEN,
    }
    return Message(**{**fields, **changes})


def named(trial: Trial) -> None:
    """The name is one printable line, and stays."""
    channel = trial.plugin
    checks.check_name(channel.name, "name")
    equal(channel.name, channel.name)
    equal(trial.another().name, channel.name)


def kinds(trial: Trial) -> None:
    """The kinds are a frozenset of message kinds, at least one, and stay."""
    channel = trial.plugin
    found: frozenset[object] = channel.kinds
    of_type(found, frozenset)
    true(found, "a channel takes at least one kind of message")
    for kind in found:
        of_type(kind, MessageKind)
    equal(channel.kinds, found)


def takes_its_kinds(trial: Trial) -> None:
    """A message of each kind it takes is taken: neither refused nor put off."""
    for kind in sorted(trial.plugin.kinds):
        answer = trial.plugin.send(message(trial, f"k-{kind}", kind=kind))
        if isinstance(answer, Retry | Refused):
            raise CaseFailed(f"a {kind} to {trial.harness.to!r}: {answer!r}")


def arrives(trial: Trial) -> None:
    """What the channel says is sent has arrived at the service, under the key of the message."""
    first = message(trial, "k-arrives")
    trial.plugin.send(first)
    true(first.key in _arrived(trial), "the key of the message that was sent has arrived")


def comes_twice(trial: Trial) -> None:
    """A message that comes twice, as after a crash, is not refused the second time."""
    for _ in range(2):
        answer = trial.plugin.send(message(trial, "k-twice"))
        true(not isinstance(answer, Refused), f"not refused: {answer!r}")


def hostile(field: str, text: str, trial: Trial) -> None:
    """Hostile text in a title or text neither raises nor is refused."""
    answer = trial.plugin.send(message(trial, "k-hostile", **{field: text}))
    true(not isinstance(answer, Refused), f"not refused: {answer!r}")


def odd_address(text: str, trial: Trial) -> None:
    """An odd address may be refused, and never raises what is no error of sending."""
    try:
        answer = trial.plugin.send(message(trial, "k-address", to=text, party=text or "ana"))
    except (TypeError, AttributeError, LookupError, UnicodeError, RecursionError) as error:
        raise CaseFailed(f"raised {error!r} for the address {text!r}") from error
    if isinstance(answer, Retry):
        raise CaseFailed(f"would try the address {text!r} again and again: {answer!r}")


def keeps_the_secret(trial: Trial) -> None:
    """The answer token stands in no proof, for proofs are shown to everybody."""
    answer = trial.plugin.send(message(trial, "k-secret"))
    if isinstance(answer, Sent):
        true(TOKEN not in answer.proof, "the answer token is in no proof")
    true(TOKEN not in repr(trial.plugin), "the answer token is in no repr")


def many_threads(trial: Trial) -> None:
    """Eight threads send at once, and every message is answered."""
    channel = trial.plugin
    first = message(trial)

    def work(number: int) -> None:
        for n in range(5):
            answer = channel.send(attrs.evolve(first, key=f"{first.key}-{number}-{n}"))
            true(not isinstance(answer, Refused), f"not refused: {answer!r}")

    together(8, work)


def all_arrive(trial: Trial) -> None:
    """What eight threads send at once has arrived, each message by itself."""
    many_threads(trial)
    wanted = {f"{message(trial).key}-{number}-{n}" for number in range(8) for n in range(5)}
    equal(wanted - set(_arrived(trial)), set[str](), "messages that did not arrive")


def service_away(trial: Trial) -> None:
    """While the service is away, a message is put off or raises; it is never sent or refused."""
    channel = trial.plugin
    first = message(trial, "k-away")
    with trial.during(trial.harness.outage):
        try:
            answer = channel.send(first)
        except Exception:
            answer = Retry("raised")
    of_type(answer, Retry)
    answer = channel.send(first)
    true(not isinstance(answer, Retry | Refused), f"sent once the service is back: {answer!r}")


def junk_answers(body: bytes, trial: Trial) -> None:
    """What comes back and cannot be read is a Rejected signal; nothing raises."""
    parsed(trial.plugin, SourceRequest(body))


def pure_answers(trial: Trial) -> None:
    """The same answer is read twice in the same way."""
    for body in JUNK.values():
        same_twice(trial.plugin, SourceRequest(body))


def _arrived(trial: Trial) -> Sequence[str]:
    sent = trial.harness.sent
    if sent is None:
        raise TypeError("the harness has no `sent`; the case must require it")
    return sent(trial.plugin)


_CASES: tuple[Case[Trial], ...] = (
    Case("channel.name", named),
    Case("channel.kinds", kinds),
    Case("channel.send.takes-its-kinds", takes_its_kinds),
    Case("channel.send.arrives", arrives, ("sent",)),
    Case("channel.send.comes-twice", comes_twice),
    *(
        Case(f"channel.send.hostile.{field}.{name}", partial(hostile, field, text))
        for field in ("title", "text")
        for name, text in HOSTILE_TEXTS.items()
    ),
    *(
        Case(f"channel.send.odd-address.{name}", partial(odd_address, text))
        for name, text in HOSTILE_TEXTS.items()
    ),
    Case("channel.send.keeps-the-secret", keeps_the_secret),
    Case("channel.send.many-threads", many_threads),
    Case("channel.send.all-arrive", all_arrive, ("sent",)),
    Case("channel.send.service-away", service_away, ("outage",)),
    *(
        Case(f"channel.answers.junk.{name}", partial(junk_answers, body), ("answers",))
        for name, body in JUNK.items()
    ),
    Case("channel.answers.pure", pure_answers, ("answers",)),
)


def channel_cases() -> tuple[Case[Trial], ...]:
    """Every case of the channel contract; ids are public and stay."""
    return _CASES


def channel_capabilities(harness: ChannelHarness) -> tuple[str, ...]:
    """What channels of this harness can do, and what the harness can tell, as cases name it."""
    able = {
        "answers": isinstance(harness.make(), SupportsAnswers),
        "outage": harness.outage is not None,
        "sent": harness.sent is not None,
    }
    return tuple(name for name, has in able.items() if has)


def check_channel(
    made: ChannelHarness | Callable[[], Any], cases: Iterable[Case[Trial]] = _CASES
) -> Report:
    """Run the cases on channels of yours; `made` is a harness, or a function that makes one."""
    harness = made if isinstance(made, ChannelHarness) else ChannelHarness(made)
    return check_plugin("channel", harness, channel_capabilities, cases)
