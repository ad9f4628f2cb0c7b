"""One policy: every value that rules read, under one content hash.

Two policies with the same content have the same hash, whatever file they came from; a decision
names the hash, so that anybody can find the words it was decided by.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import attrs

from incidentkit.ids import PolicyHash
from incidentkit.model.frozen import FrozenMap
from incidentkit.policy.catalogue import Catalogue
from incidentkit.policy.facts import FactDeclaration
from incidentkit.rules.access import OPEN_WORLD, AccessTerms
from incidentkit.rules.clocks import Target
from incidentkit.rules.communicate import Audience, NoticeRule
from incidentkit.rules.correlate import AlertTerms
from incidentkit.rules.enrol import NOBODY_ENROLLED, EnrolTerms
from incidentkit.rules.escalate import PagingTerms
from incidentkit.rules.ownership import SHARED, Ownership
from incidentkit.rules.prioritise import Matrix
from incidentkit.rules.problem_terms import ProblemTerms, RecurrenceRule
from incidentkit.rules.record_terms import (
    PLAIN_MAINTENANCE,
    PLAIN_SILENCES,
    MaintenanceTerms,
    SilenceTerms,
)
from incidentkit.rules.relation_terms import REPORTS, ReportTerms
from incidentkit.rules.retention import NO_RETENTION, RetentionTerms
from incidentkit.rules.review_terms import REVIEWS, ReviewTerms
from incidentkit.rules.sending import SENDING, DeliveryTerms
from incidentkit.rules.terms import LifecycleTerms

NO_FACTS: FrozenMap[str, FactDeclaration] = FrozenMap()
NO_WORDS = Catalogue()
if TYPE_CHECKING:
    from incidentkit.model.party import Party
    from incidentkit.model.service import Service
    from incidentkit.rules.automate import Automation
    from incidentkit.rules.override import Override
PLAIN_PROBLEMS = ProblemTerms()


@attrs.frozen
class Policy:
    """The rules of one tenant at one version.

    `closed`: names of services and parties that the policy does not list are refused.
    `sync` is the channel that hears of every change of state; empty means none does. `parties` are
    those listed and those of the inlined directory. `profile` is what the document was based on.
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
    services: FrozenMap[str, Service]
    parties: FrozenMap[str, Party]
    closed: bool
    sync: str
    source: str
    hash: PolicyHash
    overrides: tuple[Override, ...] = ()
    catalogue: Catalogue = NO_WORDS
    facts: FrozenMap[str, FactDeclaration] = NO_FACTS
    profile: str = ""
    automation: tuple[Automation, ...] = ()
    review: ReviewTerms = REVIEWS
    problems: ProblemTerms = PLAIN_PROBLEMS
    recurrence: tuple[RecurrenceRule, ...] = ()
    maintenance: MaintenanceTerms = PLAIN_MAINTENANCE
    silences: SilenceTerms = PLAIN_SILENCES
    reports: ReportTerms = REPORTS
    delivery: DeliveryTerms = SENDING
    access: AccessTerms = OPEN_WORLD
    enrol: EnrolTerms = NOBODY_ENROLLED
    ownership: Ownership = SHARED
    retention: RetentionTerms = NO_RETENTION


def canonical(document: dict[str, Any]) -> str:
    """The document as text that is the same for the same content."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_hash(source: str) -> PolicyHash:
    """The name of a policy version: 16 hex digits of its canonical text's BLAKE2b."""
    return PolicyHash(blake2b(source.encode(), digest_size=8).hexdigest())
