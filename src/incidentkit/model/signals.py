"""What a source yields from one request: the Signal union, normalised but not yet judged.

A source only reads. Whether an alert opens an incident, or a report joins one, is for the rules.
Nothing that was sent is lost: what has no field of its own stands in labels, annotations or extra.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

import attrs

from incidentkit.model import checks
from incidentkit.model.frozen import FrozenMap
from incidentkit.model.words import AlertSeverity, AlertStatus

Texts: TypeAlias = FrozenMap[str, str]
NO_TEXTS: Texts = FrozenMap()


@attrs.frozen
class SourceRequest:
    """What came in: the body as bytes and the headers, names in lower case.

    Headers carry secrets, so they are not printed.
    """

    body: bytes
    headers: Texts = attrs.field(default=NO_TEXTS, repr=False)


@attrs.frozen
class Alert:
    """One machine signal in normal form. A possible issue, not yet an incident.

    `key` is the dedup key within `source`; `group` is what the source itself groups by.
    `started_as_sent` and `ended_as_sent` keep digits beyond microseconds. `extra` has the sender's
    other fields of this alert, `context` what was said of the whole payload when the alert was last
    new or changed; the context does not make it another alert.
    """

    source: str = attrs.field(validator=checks.name)
    key: str = attrs.field(validator=checks.key)
    status: AlertStatus
    title: str = attrs.field(validator=checks.title)
    severity: AlertSeverity
    severity_as_sent: str = ""
    service: str | None = None
    group: str = ""
    labels: Texts = NO_TEXTS
    annotations: Texts = NO_TEXTS
    started_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    ended_at: datetime | None = attrs.field(default=None, converter=checks.to_optional_utc)
    started_as_sent: str = ""
    ended_as_sent: str = ""
    url: str = ""
    extra: Texts = NO_TEXTS
    context: Texts = attrs.field(default=NO_TEXTS, eq=False)


@attrs.frozen
class Report:
    """A person's report. `incident` names the one it belongs to, if the sender knows.

    `private` says why what it opens is private; it then opens an incident of its own.
    """

    title: str = attrs.field(validator=checks.title)
    reporter: str = attrs.field(validator=checks.name)
    text: str = attrs.field(default="", validator=checks.text())
    on_behalf_of: str | None = attrs.field(default=None, validator=checks.optional_name)
    service: str | None = attrs.field(default=None, validator=checks.optional_name)
    location: str | None = attrs.field(default=None, validator=checks.optional_name)
    contact: str = attrs.field(default="", validator=checks.text(1_000))
    incident: str | None = None
    key: str = attrs.field(default="", validator=checks.text(1_000))
    category: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    private: str = attrs.field(default="", validator=checks.text())


class AnswerVerb(StrEnum):
    """What a recipient may do by answering: a reporter confirms or rejects a resolution."""

    ACKNOWLEDGE = "acknowledge"
    NOTE = "note"
    CONFIRM = "confirm"
    REJECT = "reject"


@attrs.frozen
class Answer:
    """A recipient's answer to a message, proved by its token, never by a From address.

    `key` is the sender's own id of the answer (a Message-ID), so that a repeat changes nothing.
    """

    token: str = attrs.field(validator=checks.text(200), repr=False)
    verb: AnswerVerb
    key: str = attrs.field(default="", validator=checks.text(1_000))
    text: str = attrs.field(default="", validator=checks.text())


@attrs.frozen
class Receipt:
    """A channel's later word on a message: did it arrive? Proved by the token as well."""

    token: str = attrs.field(validator=checks.text(200), repr=False)
    delivered: bool
    detail: str = attrs.field(default="", validator=checks.text(1_000))
    key: str = attrs.field(default="", validator=checks.text(1_000))


@attrs.frozen
class Change:
    """Something was changed on purpose: a deployment, a configuration, a switch."""

    source: str = attrs.field(validator=checks.name)
    key: str = attrs.field(validator=checks.key)
    title: str = attrs.field(validator=checks.title)
    at: datetime = attrs.field(converter=checks.to_utc)
    by: str = attrs.field(default="", validator=checks.text(checks.NAME_LIMIT))
    service: str | None = attrs.field(default=None, validator=checks.optional_name)
    url: str = ""
    labels: Texts = NO_TEXTS


@attrs.frozen
class Beat:
    """A sign of life; silence for longer than `every` raises an alert of severity error."""

    source: str = attrs.field(validator=checks.name)
    key: str = attrs.field(validator=checks.name)
    every: timedelta
    service: str | None = attrs.field(default=None, validator=checks.optional_name)


@attrs.frozen
class Rejected:
    """A part of the request that could not be read; kept with the reason, never dropped.

    `unproven`: the request does not prove that its sender sent it (a signature or a shared secret
    is wrong or missing). Of such a request only an excerpt is kept, since anybody may send it.
    """

    path: str
    problem: str
    excerpt: str = attrs.field(default="", validator=checks.text(2_000))
    unproven: bool = False


Signal: TypeAlias = Alert | Report | Answer | Receipt | Change | Beat | Rejected
