"""The signature of an alert: eight bytes that change when anything at all in it changes.

An unchanged repeat is only counted. Unchanged means the whole normalised alert, annotations
included, for they often carry the values that people look at; so all of it goes in.
"""

from __future__ import annotations

from hashlib import blake2b

from incidentkit.model.signals import Alert, Beat
from incidentkit.timing.instants import to_micros


def signature(alert: Alert) -> int:
    """The signature as a signed 64-bit integer; the order of labels does not matter."""
    service, started, ended = alert.service, alert.started_at, alert.ended_at
    labels, notes, extra = alert.labels, alert.annotations, alert.extra
    labelled, noted = sorted(labels), sorted(notes)
    parts = [
        alert.source,
        alert.key,
        alert.status,
        alert.title,
        alert.severity,
        alert.severity_as_sent,
        "" if service is None else "=" + service,
        alert.group,
        "" if started is None else str(to_micros(started)),
        "" if ended is None else str(to_micros(ended)),
        alert.started_as_sent,
        alert.ended_as_sent,
        alert.url,
        f"{len(labelled)} {len(noted)}",
        *labelled,
        *map(labels.__getitem__, labelled),
        *noted,
        *map(notes.__getitem__, noted),
    ]
    if extra:
        added = sorted(extra)
        parts += added
        parts += map(extra.__getitem__, added)
    content = "\0".join(parts)
    if content.count("\0") >= len(parts):
        # A text with NUL, which nothing lets in so far: frame every part by its length instead.
        content = "\0\0".join(f"{len(each)}:{each}" for each in parts)
    found = blake2b(content.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(found, "big", signed=True)


def beat_signature(beat: Beat) -> int:
    """The same for a heartbeat: a sign of life with another period is no mere repeat."""
    parts = (beat.source, beat.key, str(beat.every), beat.service or "")
    content = "\0\0".join(f"{len(each)}:{each}" for each in parts)
    found = blake2b(content.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(found, "big", signed=True)
