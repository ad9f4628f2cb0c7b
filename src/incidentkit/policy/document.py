"""One policy: every value that rules read, under one content hash.

Two policies with the same content have the same hash, whatever file they came from; a decision
names the hash, so that anybody can find the words it was decided by.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

import attrs

from incidentkit.ids import PolicyHash
from incidentkit.model.frozen import FrozenMap
from incidentkit.rules.clocks import Target
from incidentkit.rules.communicate import Audience, NoticeRule
from incidentkit.rules.correlate import AlertTerms
from incidentkit.rules.escalate import PagingTerms
from incidentkit.rules.prioritise import Matrix
from incidentkit.rules.relation_terms import REPORTS, ReportTerms
from incidentkit.rules.terms import LifecycleTerms


@attrs.frozen
class Policy:
    """The rules of one tenant at one version.

    `closed`: names of services and parties that the policy does not list are refused.
    `sync` is the channel that hears of every change of state; empty means none does.
    `source` is the document it was read from, in canonical form.
    """

    name: str
    matrix: Matrix
    lifecycle: LifecycleTerms
    paging: PagingTerms
    alerts: AlertTerms
    targets: tuple[Target, ...]
    audiences: FrozenMap[str, Audience]
    notices: tuple[NoticeRule, ...]
    series: FrozenMap[str, str]
    services: tuple[str, ...]
    parties: tuple[str, ...]
    closed: bool
    sync: str
    source: str
    hash: PolicyHash
    reports: ReportTerms = REPORTS


def canonical(document: dict[str, Any]) -> str:
    """The document as text that is the same for the same content."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_hash(source: str) -> PolicyHash:
    """The name of a policy version: 16 hex digits of its canonical text's BLAKE2b."""
    return PolicyHash(blake2b(source.encode(), digest_size=8).hexdigest())
