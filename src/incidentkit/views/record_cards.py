"""Records other than incidents at a glance: planned work and silences."""

from __future__ import annotations

from incidentkit.model.incident import Link
from incidentkit.model.maintenance import Maintenance
from incidentkit.model.silence import Silence
from incidentkit.timing.instants import show_instant
from incidentkit.views.sentences_life import tie
from incidentkit.views.text import many, name, near, plain, words


def record_card(record: Maintenance | Silence) -> list[str]:
    """A record at a glance, as `card` shows an incident."""
    if isinstance(record, Maintenance):
        return _maintenance(record)
    return _silence(record)


def _linked(links: tuple[Link, ...]) -> str:
    return ", ".join(tie(x.kind, x.ref) for x in links)


def _maintenance(work: Maintenance) -> list[str]:
    card = work.card
    on = ", ".join(plain(x) for x in (*card.services, *card.components))
    overran = "" if work.overran_at is None else f"; overran at {show_instant(work.overran_at)}"
    expected = "all of its alerts" if card.expected == "true" else plain(card.expected)
    return [
        f"{plain(work.ref)}  planned work, {plain(card.priority)}{f', on {on}' if on else ''}",
        plain(card.title, 200),
        f"{words(work.state)} since {show_instant(work.since)}",
        f"window {show_instant(work.start)} to {near(work.end, work.start)}{overran}",
        f"owner {name(card.owner)}; approved by {', '.join(map(name, work.approvals)) or 'nobody'}",
        f"holds back while it goes on: {expected}",
        _linked(work.links) or "nothing is linked",
    ]


def _silence(silence: Silence) -> list[str]:
    since, until = show_instant(silence.starts_at), near(silence.until, silence.starts_at)
    held = "" if silence.state == "active" else f", held back {many(silence.held, 'alert')}"
    return [
        f"{plain(silence.ref)}  silence",
        plain(silence.reason, 200),
        f"{words(silence.state)}, {since} to {until}{held}",
        f"alerts of which {plain(silence.when)}",
        f"by {name(silence.owner)}",
    ]
