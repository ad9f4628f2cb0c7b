"""What goes in comes out: every kind and event, through either backend, and across them."""

from __future__ import annotations

import json
from datetime import timedelta, timezone

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentkit.codec import choose, journal
from incidentkit.codec.backend import Backend
from incidentkit.codec.fast import MsgspecBackend
from incidentkit.codec.kinds import KINDS
from incidentkit.codec.stdlib import JSON
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.incident import Incident
from incidentkit.model.incident_events import Mitigated
from incidentkit.model.reason import Reason
from incidentkit.ports.rows import Entry
from incidentkit.timing.instants import to_micros
from tests.codec import strategies
from tests.codec.same import document, same

FAST = MsgspecBackend()
BACKENDS: list[Backend] = [JSON, FAST]
CODECS = [choose("json"), choose("msgspec")]
# Hundreds of kinds and events are drawn of the same parts: each of them needs fewer.
OF_EACH = settings(max_examples=max(settings().max_examples // 3, 10))


@pytest.mark.parametrize("kind", KINDS)
@OF_EACH
@given(data=st.data())
def test_kinds_come_back(kind: str, data: st.DataObject) -> None:
    value = data.draw(strategies.stored(kind))
    stored = KINDS[kind]
    bodies = [backend.encode(value) for backend in BACKENDS]
    for body in bodies:
        for backend in BACKENDS:
            assert same(stored.decode(body, backend=backend), value)
    assert json.loads(bodies[0]) == json.loads(bodies[1])


@pytest.mark.parametrize("name", journal.EVENTS)
@OF_EACH
@given(data=st.data())
def test_events_come_back(name: str, data: st.DataObject) -> None:
    value = data.draw(strategies.recorded(strategies.values(journal.event_type(name))))
    made = [codec.encode_entry(value) for codec in CODECS]
    for kind, body in made:
        assert kind == name
        entry = Entry("incident/1", 1, to_micros(value.at), kind, body, "", "", "")
        for codec in CODECS:
            assert same(codec.decode_entry(entry).recorded, value)
    assert document(made[0][1]) == document(made[1][1])


@given(strategies.values(Reason))
def test_reasons_are_the_same_text(value: Reason) -> None:
    assert JSON.encode(value) == FAST.encode(value)


@given(strategies.stored("incident"))
def test_the_text_is_compact_json_in_field_order(value: object) -> None:
    body = JSON.encode(value)
    written = json.loads(body)
    assert body == json.dumps(written, ensure_ascii=False, separators=(",", ":"))
    assert list(written) == [each.name for each in attrs.fields(Incident)]


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda each: each.name)
@given(at=strategies.instants, hours=st.integers(-14, 14))
def test_instants_of_another_zone_come_back_in_utc(
    backend: Backend, at: object, hours: int
) -> None:
    zone = timezone(timedelta(hours=hours))
    try:
        elsewhere = at.astimezone(zone)  # type: ignore[attr-defined]
    except OverflowError:
        return
    body = backend.encode(Mitigated(elsewhere))
    assert body.endswith('Z"}')
    assert same(backend.decode(Mitigated, body), Mitigated(at))  # type: ignore[arg-type]
    shifted = json.dumps({"restored_at": elsewhere.isoformat()})
    assert same(backend.decode(Mitigated, shifted), Mitigated(at))  # type: ignore[arg-type]


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda each: each.name)
@given(at=strategies.instants)
def test_a_naive_instant_is_never_written(backend: Backend, at: object) -> None:
    naive = at.replace(tzinfo=None)  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="naive"):
        backend.encode(Mitigated(naive))


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda each: each.name)
def test_what_is_no_plain_data_is_never_written(backend: Backend) -> None:
    for wrong in (1.5, object(), b"", {1}):
        with pytest.raises(TypeError, match="not plain data"):
            backend.encode(Reason("rule", 1, FrozenMap(), wrong))  # type: ignore[arg-type]


@given(strategies.spans)
def test_spans_are_written_as_msgspec_writes_them(span: timedelta) -> None:
    import msgspec

    from incidentkit.codec.leaves import read_span, write_span

    assert write_span(span) == msgspec.json.encode(span).decode()
    assert read_span(write_span(span)[1:-1]) == span


@given(strategies.instants)
def test_instants_are_written_as_msgspec_writes_them(at: object) -> None:
    import msgspec

    from incidentkit.codec.leaves import write_instant

    assert write_instant(at) == msgspec.json.encode(at).decode()  # type: ignore[arg-type]
