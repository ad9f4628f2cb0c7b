"""The built-in sources keep the source contract, and the kit finds sources that do not."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from incidentkit.model.frozen import FrozenMap
from incidentkit.model.signals import Rejected, Signal, SourceRequest
from incidentkit.ports.source import Items
from incidentkit.sources.alertmanager import Alertmanager
from incidentkit.sources.generic import GenericJson
from incidentkit.testing.report import Result
from incidentkit.testing.sources import SourceHarness, check_source, source_cases
from tests.sources.payloads import alert, payload, request
from tests.sources.test_fuzz import MAPPING
from tests.testing.failing import fails_exactly

SAMPLE = request(payload(alert(1), alert(2)))
OWN_SAMPLE = request({"title": "Disk full", "key": "k", "labels": {"host": "db-1"}})


def sign(body: bytes) -> dict[str, str]:
    return {"x-signature": hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()}


class Signed(Alertmanager):
    """The same, from a sender that signs."""

    def parse(self, request: SourceRequest) -> tuple[Signal, ...]:
        wanted = sign(request.body)["x-signature"].encode()
        given = request.headers.get("x-signature", "").encode("utf-8", "replace")
        if not hmac.compare_digest(wanted, given):
            return (Rejected("headers", "the signature is missing or wrong"),)
        return super().parse(request)

    def items(self, request: SourceRequest) -> None:
        return None


SIGNED = SourceRequest(SAMPLE.body, FrozenMap(sign(SAMPLE.body)))


@pytest.mark.parametrize(
    "harness",
    [
        SourceHarness(Alertmanager, (SAMPLE,)),
        SourceHarness(GenericJson, (OWN_SAMPLE,)),
        SourceHarness(lambda: GenericJson("mapped", MAPPING), (SAMPLE,)),
        SourceHarness(Signed, (SIGNED,), sign),
    ],
    ids=["alertmanager", "generic", "mapped", "signed"],
)
def test_the_built_in_ones(harness: SourceHarness) -> None:
    report = check_source(harness)
    assert report.ok, str(report)


class Counting(GenericJson):
    """Remembers what it has read."""

    def parse(self, request: SourceRequest) -> tuple[Signal, ...]:
        READ.append(request.body)
        return (*super().parse(request), Rejected("body", f"request number {len(READ)}"))


READ: list[bytes] = []


class Trusting(Alertmanager):
    """Takes for granted what a good request looks like."""

    def parse(self, request: SourceRequest) -> tuple[Signal, ...]:
        if not isinstance(json.loads(request.body), dict):
            raise TypeError("no object")
        return super().parse(request)


class Unsigned(Signed):
    """Compares the signature only where there is one."""

    def parse(self, request: SourceRequest) -> tuple[Signal, ...]:
        if "x-signature" not in request.headers:
            return Alertmanager.parse(self, request)
        return super().parse(request)


class OtherItems(Alertmanager):
    """Builds its items otherwise than it parses them."""

    def items(self, request: SourceRequest) -> Items | None:
        items = super().items(request)
        return None if items is None else items[1:]


class Talkative(GenericJson):
    """Shows the whole request in what it rejects, and dicts for signals."""

    def parse(self, request: SourceRequest) -> Any:
        def told() -> Iterator[Any]:
            for signal in super(Talkative, self).parse(request):
                yield {"signal": signal} if isinstance(signal, Rejected) else signal

        return told()


@pytest.mark.parametrize(
    ("kind", "sample", "globs"),
    [(Unsigned, SIGNED, "source.signature"), (OtherItems, SAMPLE, "source.items-agree")],
)
def test_a_mistake_is_found(kind: Any, sample: SourceRequest, globs: str) -> None:
    harness = SourceHarness(kind, (sample,), sign if kind is Unsigned else None)
    fails_exactly(check_source(harness), globs, source_cases())


def test_what_is_not_pure_is_found() -> None:
    report = check_source(SourceHarness(Counting, (OWN_SAMPLE,)))
    assert {"source.samples.pure", "source.junk.null", "source.headers.none"} <= set(report.failed)
    assert report.of(Result.PASSED) == (
        "source.name", "source.samples.own-name", "source.samples.hostile-values",
    )  # fmt: skip


@pytest.mark.parametrize("kind", [Trusting, Talkative])
def test_what_cannot_take_junk_is_found(kind: Any) -> None:
    sample = SAMPLE if kind is Trusting else OWN_SAMPLE
    failed = set(check_source(SourceHarness(kind, (sample,))).failed)
    junk = {f"source.junk.{name}" for name in ("empty", "not-utf-8", "deep-list", "html", "noise")}
    assert junk <= failed
    assert not {"source.name", "source.samples.read", "source.samples.own-name"} & failed


def test_an_async_source_is_served() -> None:
    class Slow:
        name = "slow"

        async def parse(self, request: SourceRequest) -> Iterable[Signal]:
            return (Rejected("body", "not now"),)

    assert check_source(Slow).ok
