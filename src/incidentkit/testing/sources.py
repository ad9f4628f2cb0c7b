"""The source contract as cases: pure, never raising on junk, bounded by what came in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from random import Random
from typing import Any, TypeAlias

import attrs

from incidentkit.errors import IncidentKitError
from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import Alert, Change, Rejected, Signal, SourceRequest
from incidentkit.ports.source import SupportsItems
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, true
from incidentkit.testing.junk import JUNK, JUNK_HEADERS
from incidentkit.testing.parsing import parsed, same_twice
from incidentkit.testing.report import Report
from incidentkit.testing.threads import together
from incidentkit.testing.trial import PluginTrial, check_plugin


@attrs.frozen
class SourceHarness:
    """How sources of yours are made, and requests that they can read, as they come over the wire.

    `sign` makes the headers of a body, where your sender signs what it sends: with it, damaged
    bodies get past the signature.
    """

    make: Callable[[], Any]
    samples: tuple[SourceRequest, ...] = ()
    sign: Callable[[bytes], dict[str, str]] | None = None


Trial: TypeAlias = PluginTrial[SourceHarness]


def _request(trial: Trial, body: bytes, like: SourceRequest | None = None) -> SourceRequest:
    if trial.harness.sign is not None:
        return SourceRequest(body, FrozenMap(trial.harness.sign(body)))
    return SourceRequest(body) if like is None else SourceRequest(body, like.headers)


def named(trial: Trial) -> None:
    """The name is one printable line, and stays."""
    checks.check_name(trial.plugin.name, "name")
    equal(trial.another().name, trial.plugin.name)


def samples_read(trial: Trial) -> None:
    """Every sample yields signals, and nothing of it is rejected."""
    for sample in trial.harness.samples:
        signals = parsed(trial.plugin, sample)
        true(signals, f"the sample {sample.body[:200]!r} yields signals")
        rejected = [each for each in signals if isinstance(each, Rejected)]
        equal(rejected, [], f"what is rejected of the sample {sample.body[:200]!r}")


def samples_pure(trial: Trial) -> None:
    """The same request gives the same signals: twice, by another source, and after others."""
    before = [same_twice(trial.plugin, sample) for sample in trial.harness.samples]
    for body in JUNK.values():
        parsed(trial.plugin, _request(trial, body))
    again = [parsed(trial.plugin, sample) for sample in reversed(trial.harness.samples)]
    equal(again[::-1], before, "the reading after others")
    other = trial.another()
    equal([parsed(other, sample) for sample in trial.harness.samples], before, "another source")


def own_name(trial: Trial) -> None:
    """Alerts and changes name the source that reads them."""
    for sample in trial.harness.samples:
        for signal in parsed(trial.plugin, sample):
            if isinstance(signal, Alert | Change) and getattr(signal, "source", None) is not None:
                equal(getattr(signal, "source", None), trial.plugin.name)


def truncated(trial: Trial) -> None:
    """A sample that was cut short anywhere is read or rejected; nothing raises."""
    for sample in trial.harness.samples:
        size = len(sample.body)
        for end in range(0, size, max(1, size // 60)):
            parsed(trial.plugin, _request(trial, sample.body[:end], sample))


def damaged(trial: Trial) -> None:
    """A sample with damaged bytes is read or rejected, in the same way each time."""
    random = Random(7)
    for sample in trial.harness.samples:
        for _ in range(60):
            body = bytearray(sample.body)
            for _ in range(random.randint(1, 5)):
                if body:
                    body[random.randrange(len(body))] = random.randrange(256)
            same_twice(trial.plugin, _request(trial, bytes(body), sample))


def junk(body: bytes, trial: Trial) -> None:
    """Junk never raises: what cannot be read is a Rejected signal, bounded and clean."""
    same_twice(trial.plugin, _request(trial, body))
    parsed(trial.plugin, SourceRequest(body))


def junk_headers(headers: dict[str, str], trial: Trial) -> None:
    """Headers that are missing, empty or odd never raise."""
    bodies = [b"{}", *(sample.body for sample in trial.harness.samples)]
    for body in bodies:
        same_twice(trial.plugin, SourceRequest(body, FrozenMap(headers)))


def not_signed(trial: Trial) -> None:
    """A sample without its signature, or with that of another body, is rejected whole."""
    sign = trial.harness.sign
    if sign is None:
        raise TypeError("the harness has no `sign`; the case must require it")
    for sample in trial.harness.samples:
        for headers in ({}, sign(sample.body + b" ")):
            signals = parsed(trial.plugin, SourceRequest(sample.body, FrozenMap(headers)))
            accepted = [each for each in signals if not isinstance(each, Rejected)]
            equal(accepted, [], "what is taken of a request that nobody signed")


def items_agree(trial: Trial) -> None:
    """Items, built one by one, are what `parse` yields, for samples and junk."""
    source = trial.plugin
    requests = [*trial.harness.samples, *(_request(trial, body) for body in JUNK.values())]
    for request in requests:
        items = source.items(request)
        if items is not None:
            built: list[Signal] = [source.build(item) for item in items]
            equal(tuple(built), parsed(source, request), "the items of a request")


def many_threads(trial: Trial) -> None:
    """Eight threads read at once, each its own request, and each gets its own signals."""
    source = trial.plugin
    requests = [*trial.harness.samples, SourceRequest(b"{}"), SourceRequest(b"[")]
    wanted = [parsed(source, request) for request in requests]

    def work(number: int) -> None:
        for n in range(8):
            place = (number + n) % len(requests)
            equal(parsed(source, requests[place]), wanted[place], "signals of this request")

    together(8, work)


def no_error_of_ours(trial: Trial) -> None:
    """Values that no record could hold are rejected one by one, and never raise."""
    for sample in trial.harness.samples:
        for value in (b"\\u0000", b"\\ud800", b"x" * 70_000, b""):
            for word in sorted(set(sample.body.split(b'"')[1::2]))[:40]:
                if word:
                    body = sample.body.replace(b'"' + word + b'"', b'"' + value + b'"')
                    try:
                        parsed(trial.plugin, _request(trial, body, sample))
                    except IncidentKitError as error:
                        true(False, f"raised {error!r}")


_CASES: tuple[Case[Trial], ...] = (
    Case("source.name", named),
    Case("source.samples.read", samples_read, ("samples",)),
    Case("source.samples.pure", samples_pure, ("samples",)),
    Case("source.samples.own-name", own_name, ("samples",)),
    Case("source.samples.truncated", truncated, ("samples",)),
    Case("source.samples.damaged", damaged, ("samples",)),
    Case("source.samples.hostile-values", no_error_of_ours, ("samples",)),
    *(Case(f"source.junk.{name}", partial(junk, body)) for name, body in JUNK.items()),
    *(
        Case(f"source.headers.{name}", partial(junk_headers, headers))
        for name, headers in JUNK_HEADERS.items()
    ),
    Case("source.signature", not_signed, ("samples", "sign")),
    Case("source.items-agree", items_agree, ("items",)),
    Case("source.many-threads", many_threads),
)


def source_cases() -> tuple[Case[Trial], ...]:
    """Every case of the source contract; ids are public and stay."""
    return _CASES


def source_capabilities(harness: SourceHarness) -> tuple[str, ...]:
    """What sources of this harness can do, and what the harness brings, as cases name it."""
    able = {
        "items": isinstance(harness.make(), SupportsItems),
        "samples": bool(harness.samples),
        "sign": harness.sign is not None,
    }
    return tuple(name for name, has in able.items() if has)


def check_source(
    made: SourceHarness | Callable[[], Any], cases: Iterable[Case[Trial]] = _CASES
) -> Report:
    """Run the cases on sources of yours; `made` is a harness, or a function that makes one."""
    harness = made if isinstance(made, SourceHarness) else SourceHarness(made)
    return check_plugin("source", harness, source_capabilities, cases)
