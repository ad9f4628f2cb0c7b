"""What comes in: one request of a source, all of its signals, one commit.

The raw body is kept once as a capture, with what could not be read listed on it. Each kind of
signal has one handler; together they fill one workbook, so a payload is taken as a whole or, when
its request id came before, not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import attrs

from incidentkit.errors import CallerError, InvalidValue
from incidentkit.flows.advance import apply, decide, settle
from incidentkit.flows.alerts import Taken, take_alerts
from incidentkit.flows.beats import take_beats
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Find, Flow, Load, NewId, Now, Owners
from incidentkit.flows.gate import authorise
from incidentkit.flows.kinds import CAPTURE, CHANGE, DELIVERY, INCIDENT
from incidentkit.flows.linking import LOOSE_KEYS
from incidentkit.flows.outgoing import token_hash
from incidentkit.flows.setting import Outcome, Setting, fingerprint, recorded
from incidentkit.model.alert import (
    Capture,
    ChangeRecord,
    ChangeSeen,
    PayloadCaptured,
    SignalRejected,
)
from incidentkit.model.delivery import Delivery, DeliveryReceipted
from incidentkit.model.incident_commands import Acknowledge, AddNote, Command
from incidentkit.model.journal import Recorded
from incidentkit.model.signals import (
    Alert,
    Answer,
    AnswerVerb,
    Beat,
    Change,
    Receipt,
    Rejected,
    Report,
    Signal,
    SourceRequest,
)
from incidentkit.model.words import UNSENT, MessageKind
from incidentkit.ports.query import Compare, Cursor, Op, Query
from incidentkit.ports.rows import KeyChange, Request, Touch

_UNSETTLED = frozenset(UNSENT)


@attrs.frozen
class Received:
    """What a request led to, in references and counts.

    `spooled` names where it waits, because the store was away: then nothing else is known yet.
    """

    capture: str
    opened: tuple[str, ...]
    joined: tuple[str, ...]
    alerts: int
    repeats: int
    rejected: tuple[tuple[str, str], ...]
    known: tuple[tuple[str, str, str, int], ...] = attrs.field(default=(), repr=False)
    spooled: str = ""

    def result(self) -> str:
        """The part that a replay gives again, as text."""
        return json.dumps(
            [self.capture, self.opened, self.joined, self.alerts, self.repeats, self.rejected]
        )

    @classmethod
    def from_result(cls, text: str) -> Received:
        """Read back what `result` wrote."""
        capture, opened, joined, alerts, repeats, rejected = json.loads(text)
        pairs = tuple((str(path), str(problem)) for path, problem in rejected)
        return cls(capture, tuple(opened), tuple(joined), alerts, repeats, pairs)


def receive(
    setting: Setting,
    source: str,
    request: SourceRequest,
    signals: Sequence[Signal],
    repeats: Sequence[Touch] = (),
) -> Flow[Outcome[Received]]:
    """Take in one request that a source has read.

    `repeats` are touches of alerts that were known to be unchanged without being built.

    What cannot be honoured (an unknown token, a move that is not allowed) is listed as rejected
    on the capture; the rest of the payload stands.
    """
    at = yield from Now()
    book = Workbook(setting, at)
    yield from authorise(book, "receive", f"source/{source}", None)
    capture = yield from NewId()
    rejected: list[tuple[str, str]] = []
    entries = [_captured(book, source, request, signals, repeats)]
    alerts = [signal for signal in signals if isinstance(signal, Alert)]
    taken = yield from take_alerts(book, alerts, capture)
    beats = [signal for signal in signals if isinstance(signal, Beat)]
    yield from take_beats(book, beats, capture)
    reported: list[str] = []
    joined: list[str] = []
    replaced = _replaced(signals)
    for index, signal in enumerate(signals):
        if index in replaced:
            continue
        try:
            opened, found = yield from _take(book, signal, source, capture, entries)
            reported += opened
            joined += found
        except CallerError as error:
            rejected.append((f"signals[{index}]", str(error)))
            entries.append(_refused(book, f"signals[{index}]", str(error), repr(signal)[:500]))
        if isinstance(signal, Rejected):
            rejected.append((signal.path, signal.problem))
            entries.append(_refused(book, signal.path, signal.problem, signal.excerpt))
    book.touches += repeats
    size = len(request.body)
    book.write(CAPTURE, Capture(capture, len(entries), source, book.received_at, size), entries)
    yield from book.adopt_first()
    again = len(repeats) + book.repeats
    received = _received(
        capture, taken, (reported, joined), rejected, len(repeats), again, len(alerts)
    )
    asked = None
    if setting.request is not None:
        print_ = fingerprint(source, request.body)
        asked = Request(setting.request, print_, received.result())
    done = yield from book.commit(asked)
    return Outcome(received, at, done.replayed, done.result or "")


def _replaced(signals: Sequence[Signal]) -> frozenset[int]:
    """Changes and receipts that a later one of the same payload replaces; the last one stands."""
    last: dict[tuple[str, str], int] = {}
    replaced: set[int] = set()
    for index, signal in enumerate(signals):
        if isinstance(signal, Change):
            name = (signal.source, signal.key)
        elif isinstance(signal, Receipt):
            name = ("", signal.token)
        else:
            continue
        if name in last:
            replaced.add(last[name])
        last[name] = index
    return frozenset(replaced)


def _captured(
    book: Workbook,
    source: str,
    request: SourceRequest,
    signals: Sequence[Signal],
    repeats: Sequence[Touch],
) -> Recorded:
    try:
        body, encoding = request.body.decode(), "utf-8"
    except UnicodeDecodeError:
        body, encoding = request.body.decode("latin-1"), "latin-1"
    body, digest = body.replace("\0", "\ufffd"), ""
    if any(isinstance(x, Rejected) and x.unproven for x in signals):
        return _unproven(book, source, request, body, encoding)
    tokens = {x.token for x in signals if isinstance(x, Answer | Receipt)}
    if tokens or _TOKEN_KEY in body:
        body, digest = _without_tokens(body, tokens, request.body)
    event = PayloadCaptured(
        source, body, encoding, len(signals), len(repeats), book.setting.received_at, digest
    )
    return recorded(event, book.setting, book.at)


_EXCERPT = 200
"""So many characters are kept of a request that did not prove its sender."""
_HEADERS, _HEADER = 50, 100
"""So many names of its headers, each of at most so many characters."""


def _unproven(
    book: Workbook, source: str, request: SourceRequest, body: str, encoding: str
) -> Recorded:
    """What is kept of a request that anybody may have sent: enough to tell what it was.

    Kept whole, such requests would fill the store, at no cost to whoever sends them.
    """
    from hashlib import sha256

    names = tuple([each[:_HEADER] for each in sorted(request.headers)[:_HEADERS]])
    digest = sha256(request.body).hexdigest()
    event = PayloadCaptured(
        source, body[:_EXCERPT], encoding, 1, 0, book.setting.received_at, digest, names
    )
    return recorded(event, book.setting, book.at)


_TOKEN_KEY = '"token"'
_TOKEN = re.compile(r'("token"\s*:\s*)"(?:[^"\\]|\\.)*"')


def _without_tokens(body: str, tokens: set[str], sent: bytes) -> tuple[str, str]:
    """The body without what proves an answer, and the SHA-256 of the one that came.

    Whoever may read captures could answer again as the recipient of a message.
    """
    from hashlib import sha256

    blank = _TOKEN.sub(r'\1"***"', body)
    for token in tokens:
        if token:
            blank = blank.replace(token, "***")
    return blank, "" if blank == body else sha256(sent).hexdigest()


def _refused(book: Workbook, path: str, problem: str, excerpt: str) -> Recorded:
    return recorded(SignalRejected(path, problem, excerpt), book.setting, book.at)


def _received(
    capture: str,
    taken: Taken,
    reports: tuple[list[str], list[str]],
    rejected: list[tuple[str, str]],
    unbuilt: int,
    again: int,
    alerts: int,
) -> Received:
    return Received(
        capture,
        (*taken.opened, *reports[0]),
        tuple(dict.fromkeys((*taken.joined, *reports[1]))),
        alerts + unbuilt,
        taken.repeats + again,
        tuple(rejected),
        taken.known,
    )


def _repeated(book: Workbook, space: str, key: str) -> Flow[bool]:
    """Whether a signal with this id of its sender was honoured before."""
    (owner,) = yield from Owners(space, (key,))
    if owner is None and not any((x.space, x.key) == (space, key) for x in book.keys):
        return False
    book.repeats += 1
    return True


def _take(
    book: Workbook, signal: Signal, source: str, capture: str, entries: list[Recorded]
) -> Flow[tuple[list[str], list[str]]]:
    """Handle one signal that is neither alert nor beat; references it opened, and it joined."""
    if isinstance(signal, Answer):
        yield from _answer(book, signal)
    elif isinstance(signal, Receipt):
        yield from _receipt(book, signal, capture, entries)
    elif isinstance(signal, Report):
        return (yield from _report(book, signal, source))
    elif isinstance(signal, Change):
        yield from _change(book, signal)
    return [], []


def _delivery(token: str) -> Flow[Delivery]:
    (owner,) = yield from Owners("answer", (token_hash(token),))
    (delivery,) = (yield from Load(DELIVERY, (owner,))) if owner is not None else (None,)
    if delivery is None:
        raise InvalidValue("token", "no message carries this token")
    return delivery


def _answer(book: Workbook, answer: Answer) -> Flow[None]:
    """Act as the recipient of the message that carried the token, and as nobody else."""
    delivery = yield from _delivery(answer.token)
    key = f"{delivery.token_hash}\x1f{answer.key}"
    if answer.key and (yield from _repeated(book, "answered", key)):
        return
    kind, _, id_ = delivery.subject.partition("/")
    if kind != "incident":
        yield from _answer_about(book, answer, delivery, kind, id_)
        if answer.key:
            book.keys.append(KeyChange("answered", key, None, delivery.id))
        return
    draft = yield from book.incident(id_)
    if draft is None:
        raise InvalidValue("token", f"the incident of {delivery.ref} is gone")
    if answer.verb in _VERDICTS or _of_a_reporter(delivery, draft, answer):
        from incidentkit.flows.answering import reporter_answers

        yield from reporter_answers(book, delivery, draft, answer)
    else:
        command: Command = Acknowledge(delivery.ref)
        if answer.verb is AnswerVerb.NOTE:
            command = AddNote(delivery.ref, text=answer.text)
        subject = f"incident/{draft.incident.ref}"
        yield from authorise(book, command.action, subject, draft, party=delivery.party)
        cause = f"delivery/{delivery.id}"
        events = decide(book, draft, command, delivery.party)
        apply(book, draft, events, by=delivery.party, cause=cause)
        yield from settle(book, draft)
    if answer.key:
        # Only an answer that was honoured takes its id: nobody can use one up with a wrong token.
        book.keys.append(KeyChange("answered", key, None, delivery.id))


def _answer_about(
    book: Workbook, answer: Answer, delivery: Delivery, kind: str, id_: str
) -> Flow[None]:
    """An answer to a message about planned work or a review: it is written down there."""
    from incidentkit.model.record_events import MessageAnswered

    record = yield from book.record(kind, id_)
    if record is None:
        raise InvalidValue("token", f"the record of {delivery.ref} is gone")
    subject = f"{kind}/{record.value.ref}"
    yield from authorise(book, "answer", subject, None, party=delivery.party)
    text = answer.text if answer.verb is AnswerVerb.NOTE else ""
    event = MessageAnswered(delivery.party, text)
    cause = f"delivery/{delivery.id}"
    record.happened(event, book.setting, book.at, by=delivery.party, cause=cause)


_VERDICTS = frozenset((AnswerVerb.CONFIRM, AnswerVerb.REJECT))


def _of_a_reporter(delivery: Delivery, draft: Draft, answer: Answer) -> bool:
    """Whether it is a reporter who wrote back, and not somebody who works on it."""
    if answer.verb is not AnswerVerb.NOTE or delivery.kind is not MessageKind.NOTICE:
        return False
    holds = draft.incident.course.holds
    waited_for = (draft.incident.card.reporter, holds[-1].court if holds else None)
    return bool(delivery.report) or delivery.party in waited_for


def _receipt(book: Workbook, receipt: Receipt, capture: str, entries: list[Recorded]) -> Flow[None]:
    """What the other side says of a message; while it is being sent, its record is the sender's.

    A receipt may be faster than the commit that says the message was sent. It is kept with the
    capture then, and a reaction hands it on once the message has been settled.
    """
    delivery = yield from _delivery(receipt.token)
    key = f"{delivery.token_hash}\x1f{receipt.key}"
    if receipt.key:
        if (yield from _repeated(book, "receipted", key)):
            return
        book.keys.append(KeyChange("receipted", key, None, delivery.id))
    entry = recorded(DeliveryReceipted(receipt.delivered, receipt.detail), book.setting, book.at)
    if delivery.state in _UNSETTLED:
        entries.append(entry)
        book.react_to_receipt(delivery, f"capture/{capture}#{len(entries)}")
        return
    after = attrs.evolve(delivery, version=delivery.version + 1, received=receipt.delivered)
    book.write(DELIVERY, after, (entry,))
    if not receipt.delivered:
        book.tell_subject(after)


def _report(book: Workbook, report: Report, source: str) -> Flow[tuple[list[str], list[str]]]:
    """A person's report; the reference of the incident that it opened, or of the one it joined."""
    key = f"{source}\x1f{report.key}"
    if report.key and (yield from _repeated(book, "reported", key)):
        return [], []
    from incidentkit.flows.reports import take_report

    opened, joined = yield from take_report(book, report, source)
    return ([opened], []) if opened else ([], [joined])


def _change(book: Workbook, change: Change) -> Flow[None]:
    """Keep a change under its key; the same one again with other content is a new version."""
    key = f"{change.source}\x1f{change.key}"
    (owner,) = yield from Owners("change", (key,))
    if owner is None:
        owner = yield from NewId()
        book.keys.append(KeyChange("change", key, None, owner))
        version = 1
    else:
        (before,) = yield from Load(CHANGE, (owner,))
        if before is not None and before.change == change:
            return
        version = 1 if before is None else before.version + 1
    (loose,) = yield from Owners(LOOSE_KEYS, (change.key,))
    if loose is None and not any(x.key == change.key for x in book.keys if x.space == LOOSE_KEYS):
        book.keys.append(KeyChange(LOOSE_KEYS, change.key, None, owner))
    entry = recorded(ChangeSeen(change), book.setting, book.at)
    record = ChangeRecord(owner, version, change)
    book.write(CHANGE, record, (entry,))
    if change.labels.get("status", "").casefold() in book.setting.policy.problems.change_done:
        from incidentkit.flows.problem_links import change_done

        yield from change_done(book, owner, change)
    yield from _awaited(book, record)


def _awaited(book: Workbook, record: ChangeRecord) -> Flow[None]:
    """Let incidents hear of it that are on hold and linked to this change."""
    waits = book.setting.policy.lifecycle.holds.values()
    if not any("change" in x.resume_on for x in waits):
        return
    from incidentkit.rules.reactions import waits_for_change

    after: Cursor | None = None
    while True:
        query = Query("incident", Compare("state", Op.EQ, "on_hold"), after=after, limit=500)
        page = yield from Find(INCIDENT, query)
        for incident in page.items:
            if waits_for_change(incident, record):
                stream = f"change/{record.id}"
                book.react_elsewhere("incident", incident.id, stream, record.version)
        if page.next is None:
            return
        after = page.next
