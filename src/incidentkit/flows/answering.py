"""A reporter answers a message: yes, no, or in words of their own.

Whoever holds the token of a message is its recipient; a verdict on a resolution counts for the
report that the message was about.
"""

from __future__ import annotations

from incidentkit.errors import InvalidValue
from incidentkit.flows.advance import settle
from incidentkit.flows.contents import follow
from incidentkit.flows.draft import Draft, Workbook
from incidentkit.flows.effects import Flow
from incidentkit.flows.gate import authorise
from incidentkit.flows.reports import answered, said
from incidentkit.model.delivery import Delivery
from incidentkit.model.report_changes import ConfirmResolution, RejectResolution, ReportCommand
from incidentkit.model.signals import Answer, AnswerVerb


def reporter_answers(
    book: Workbook, delivery: Delivery, draft: Draft, answer: Answer
) -> Flow[None]:
    """What a reporter says, on their report and on the incident that it belongs to now."""
    party = delivery.party
    work = (yield from book.record("report", delivery.report)) if delivery.report else None
    ref = "" if work is None else str(work.value.ref)
    if answer.verb is AnswerVerb.NOTE:
        here = yield from follow(book, draft)
        subject = f"incident/{here.incident.ref}"
        yield from authorise(book, "note", subject, here, party=party)
        answered(book, here, party, answer.text, ref)
        yield from settle(book, here)
        return
    if work is None:
        raise InvalidValue("verb", f"{delivery.ref} asked for no {answer.verb.value}")
    command: ReportCommand = ConfirmResolution(ref, text=answer.text)
    if answer.verb is AnswerVerb.REJECT:
        command = RejectResolution(ref, reason=answer.text or "no reason was given")
    here = (yield from book.incident(work.value.incident)) or draft
    yield from authorise(book, command.action, f"report/{ref}", here, party=party)
    yield from said(book, work, here, command, party)
