"""Which policy is in force, and adopting another one: by a command, named by its content."""

from __future__ import annotations

from datetime import datetime

from incidentkit.errors import InvalidValue
from incidentkit.flows.draft import Workbook
from incidentkit.flows.effects import Flow, History, Load, Now
from incidentkit.flows.gate import authorise
from incidentkit.flows.kinds import ADOPTION
from incidentkit.flows.setting import Outcome, Setting, recorded
from incidentkit.model.adoption import ADOPTION_ID, AdoptedVersion, Adoption, PolicyAdopted
from incidentkit.policy.document import Policy


def adopt(
    setting: Setting, policy: Policy, effective_from: datetime | None = None
) -> Flow[Outcome[AdoptedVersion]]:
    """Adopt a policy from now on, or from an instant to come; the same again changes nothing.

    What is planned for later comes into force all the same. To take it back, adopt for its instant
    what shall stand then instead: of two for one instant the last adopted counts.

    Raises InvalidValue for an instant in the past: what was decided stays decided.
    """
    at = yield from Now()
    book = Workbook(setting, at)
    yield from authorise(book, "adopt_policy", f"policy/{policy.hash}", None)
    start = effective_from or at
    if start < at:
        raise InvalidValue("effective_from", f"{start.isoformat()} is past")
    (before,) = yield from Load(ADOPTION, (ADOPTION_ID,))
    versions = () if before is None else before.versions
    version = AdoptedVersion(policy.hash, start)
    standing = None if before is None else before.in_force(start)
    again = standing is not None and standing.hash == policy.hash
    if standing is not None and again and effective_from in (None, standing.effective_from):
        return Outcome(standing, at)
    after = Adoption(ADOPTION_ID, 1 if before is None else before.version + 1, (*versions, version))
    event = PolicyAdopted(policy.hash, start, policy.source)
    book.write(ADOPTION, after, (recorded(event, setting, at),))
    done = yield from book.commit()
    return Outcome(version, at, done.replayed)


def adopted() -> Flow[Adoption | None]:
    """The tenant's adopted versions, or None before the first."""
    (adoption,) = yield from Load(ADOPTION, (ADOPTION_ID,))
    return adoption


def planned() -> Flow[tuple[tuple[AdoptedVersion, str], ...]]:
    """The versions that are to come into force, in that order, each with its document."""
    at = yield from Now()
    adoption = yield from adopted()
    coming: list[tuple[AdoptedVersion, str]] = []
    for version in () if adoption is None else adoption.planned(at):
        document = yield from document_of(version.hash)
        coming.append((version, document or ""))
    return tuple(coming)


def document_of(hash_: str) -> Flow[str | None]:
    """The document of an adopted version, word for word as it was adopted."""
    entries = yield from History("adoption", ADOPTION_ID)
    for entry in entries:
        event = None if entry.recorded is None else entry.recorded.event
        if isinstance(event, PolicyAdopted) and event.hash == hash_:
            return event.document
    return None
