"""Bringing a ticketing system's history into records: rows of one case, then one commit.

The same flow serves both ways through a file. A streaming import hands it all rows of a case at
once; one in the order of time hands it row by row, each with a load and a commit of its own. Either
way each row is decided alone, so the entries are the same.

Nothing is paged, told or synced: what is imported is over. Timers are left alone too; the next
command on a record that still lives sets them.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import attrs

from incidentkit.errors import InvalidValue
from incidentkit.flows import reading
from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Change, Commit, Flow, Found, Load, Now, Owners
from incidentkit.flows.gate import authorise
from incidentkit.flows.kinds import CAPTURE, INCIDENT
from incidentkit.flows.setting import Setting, recorded
from incidentkit.ids import CaptureId
from incidentkit.model.alert import Capture, PayloadCaptured, SignalRejected
from incidentkit.model.history import HistoryRow
from incidentkit.model.incident import Incident
from incidentkit.model.journal import JournalEntry, Recorded
from incidentkit.ports.query import Compare, Cursor, Op, Query
from incidentkit.ports.rows import KeyChange
from incidentkit.rules.importing import Importing, bring, conclude

_EXCERPT = 1_000
_REFUSED = "refused"


@attrs.frozen
class Brought:
    """What became of the rows that were handed in: how many entries, and which were refused.

    Each refused row stands with its number within the case and the reason.
    """

    entries: int
    refused: tuple[tuple[int, str], ...] = ()


def case_id(source: str, case: str) -> str:
    """The id of a case's incident: always the same, so that a second import finds the first.

    Neighbouring cases get neighbouring ids, which keeps the indexes of a store local.
    """
    start = blake2b(source.encode(), digest_size=4).hexdigest()
    name = case.encode()
    if len(name) > 40:
        name = name[:24] + blake2b(name, digest_size=16).digest()
    return start + name.hex()


def prepare(setting: Setting, source: str) -> Flow[None]:
    """May this actor import, and under which policy? Asked once, before the first row."""
    at = yield from Now()
    book = Workbook(setting, at)
    yield from authorise(book, "import", f"source/{source}", None)
    yield from book.adopt_first()
    if book.changes:
        _ = yield from book.commit()


def bring_rows(importing: Importing, id_: str, rows: Sequence[HistoryRow]) -> Flow[Brought]:
    """Bring rows of one case, in the order of its file, into its incident, `case_id` of the case.

    Rows that were brought in before change nothing. A row that no record can hold is refused and
    the next one goes on.
    """
    now = yield from Now()
    first = rows[0]
    (before,) = yield from Load(INCIDENT, (id_,))
    taken = ""
    if before is None:
        (owner,) = yield from Owners("ref", (first.case,))
        if owner is not None:
            taken = f"the reference {first.case} belongs to {owner}"
    incident = before
    entries: list[Recorded] = []
    refused: list[tuple[int, str]] = []
    for row in rows:
        done = 0
        if incident is not None and incident.more is not None and incident.more.replayed:
            replayed = incident.more.replayed
            done = replayed.row
            if row.number == done and row.at != replayed.at:
                taken = (
                    f"row {done} is of {row.at.isoformat()}, but the one imported was of "
                    f"{replayed.at.isoformat()}: this is another history of {row.case}"
                )
        if row.number <= done:
            continue
        try:
            if taken:
                raise InvalidValue("case", taken)
            after, told = bring(incident, id_, row, importing)
        except InvalidValue as error:
            refused.append((row.number, str(error)))
            continue
        entries += told
        incident = after
        if importing.targets:
            incident, told = conclude(after, row.at, importing)
            entries += told
    if incident is not None and entries:
        keys = () if before is not None else (_reference(incident),)
        change = Change(INCIDENT, incident, tuple(entries), now)
        _ = yield from Commit((change,), keys=keys)
    return Brought(len(entries), tuple(refused))


def _reference(incident: Incident) -> KeyChange:
    return KeyChange("ref", incident.ref, None, f"incident/{incident.id}")


@attrs.frozen
class RefusedRow:
    """A row that could not be taken: where it stands, why not, and its text."""

    place: str
    problem: str
    text: str


def refused(
    setting: Setting, source: str, after: Cursor | None, limit: int
) -> Flow[Found[RefusedRow]]:
    """One page of the rows that were refused and kept."""
    where = Compare("source", Op.EQ, source)
    query = Query(CAPTURE.name, where, "changed_at", after=after, limit=limit)
    page = yield from reading.find(setting, CAPTURE, query)
    found: list[RefusedRow] = []
    for capture in page.items:
        if capture.id.startswith(_REFUSED):
            entries = yield from reading.whole(CAPTURE.name, capture.id)
            found += _row(entries)
    return Found(tuple(found), page.next)


def _row(entries: Sequence[JournalEntry]) -> list[RefusedRow]:
    """The row that two entries tell of; none where they were redacted."""
    events = [x.recorded.event for x in entries if x.recorded is not None]
    text = next((x.body for x in events if isinstance(x, PayloadCaptured)), "")
    rejected = [x for x in events if isinstance(x, SignalRejected)]
    return [RefusedRow(each.path, each.problem, text) for each in rejected]


def keep_refused(setting: Setting, source: str, row: RefusedRow) -> Flow[bool]:
    """Keep a refused row as it is, with the reason; the same row again changes nothing.

    Whether it was news.
    """
    at = yield from Now()
    body = row.text.encode("utf-8", "backslashreplace").decode().replace("\0", "\ufffd")
    parts = f"{source}\x1f{row.place}\x1f{row.problem}\x1f{body}".encode()
    id_ = CaptureId(f"{_REFUSED}{blake2b(parts, digest_size=12).hexdigest()}")
    (known,) = yield from Load(CAPTURE, (id_,))
    if known is not None:
        return False
    captured = PayloadCaptured(source, body, "utf-8", 0, 0)
    rejected = SignalRejected(row.place, row.problem, body[:_EXCERPT])
    entries = (recorded(captured, setting, at), recorded(rejected, setting, at))
    capture = Capture(id_, len(entries), source, at, len(body.encode()))
    _ = yield from Commit((Change(CAPTURE, capture, entries),))
    return True
