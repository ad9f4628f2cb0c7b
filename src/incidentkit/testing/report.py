"""What came of all cases: for people to read and for machines to keep."""

from __future__ import annotations

from enum import StrEnum

import attrs


class Result(StrEnum):
    """What came of one case. `advised`: it failed and is advisory as yet, so it does not count."""

    PASSED = "passed"
    FAILED = "failed"
    ADVISED = "advised"
    SKIPPED = "skipped"


@attrs.frozen
class Outcome:
    """One case: what it asks for, what came of it, and why where it did not pass."""

    case: str
    sentence: str
    result: Result
    why: str = ""


@attrs.frozen
class Report:
    """All cases of a contract, run on one thing. `subject` is its class."""

    contract: str
    subject: str
    version: str
    capabilities: tuple[str, ...]
    outcomes: tuple[Outcome, ...]

    def of(self, result: Result) -> tuple[str, ...]:
        """The ids of the cases with that result."""
        return tuple(each.case for each in self.outcomes if each.result is result)

    @property
    def failed(self) -> tuple[str, ...]:
        """The ids of the required cases that failed."""
        return self.of(Result.FAILED)

    @property
    def ok(self) -> bool:
        """Whether no required case failed."""
        return not self.failed

    def as_json(self) -> str:
        """The report as JSON, its keys in a fixed order."""
        import json

        counts = {str(result): len(self.of(result)) for result in Result}
        document = {
            "contract": self.contract,
            "subject": self.subject,
            "incidentkit": self.version,
            "ok": self.ok,
            "counts": counts,
            "capabilities": list(self.capabilities),
            "cases": [
                {"id": x.case, "result": str(x.result), "sentence": x.sentence, "why": x.why}
                for x in self.outcomes
            ],
        }
        return json.dumps(document, indent=2, ensure_ascii=False)

    def __str__(self) -> str:
        lines = [f"{self.contract} contract of incidentkit {self.version}: {self.subject}"]
        lines += [
            f"  {each.result:7}  {each.case}\n           {each.sentence}\n           {each.why}"
            for each in self.outcomes
            if each.result in (Result.FAILED, Result.ADVISED)
        ]
        skipped = [each.why for each in self.outcomes if each.result is Result.SKIPPED]
        lines += [
            f"  skipped  {skipped.count(why)} that {why.replace('needs', 'need', 1)}"
            for why in sorted(set(skipped))
        ]
        counts = ", ".join(f"{len(self.of(each))} {each}" for each in Result)
        return "\n".join((*lines, f"  {counts}"))
