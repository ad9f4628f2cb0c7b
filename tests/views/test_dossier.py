"""What only some incidents have is shown, explained and reviewed; the others show nothing of it."""

from __future__ import annotations

from typing import Any

from incidentkit.model import fact_changes, findings_changes, impact_changes, scope_changes
from incidentkit.model.attachment_changes import Attach
from incidentkit.model.incident_commands import Command, Prioritise
from incidentkit.views import dossier
from incidentkit.views.explain import explain
from incidentkit.views.explanation import Explanation
from incidentkit.views.facts import facts_as_known
from incidentkit.views.review import review
from incidentkit.views.summary import card
from tests.views.story import START, Story, minutes, redact

HASH = "0a" * 32
S, P, F, X = scope_changes, impact_changes, findings_changes, fact_changes
COMMANDS: tuple[Command, ...] = (
    S.SetLabel("INC-1", "amber", ("patients",)),
    S.StateAspect("INC-1", "security"),
    S.StateAspect("INC-1", "privacy"),
    P.AssessImpact("INC-1", "data", "major", count=1200, unit="records"),
    P.RecordImpactInterval("INC-1", "component", "db", "down", START),
    S.MarkAffected("INC-1", "service", "shop"),
    S.MarkAffected("INC-1", "location", "Graz", certain=False),
    S.InvolveOrganisation("INC-1", "CERT", "authority"),
    S.AddReference("INC-1", "jira", "OPS-1"),
    X.AssertFact("INC-1", "lost", 1200),
    F.ProposeHypothesis("INC-1", "the pool leaks"),
    F.NameCause("INC-1", "no limit was set", "process", "root", "H1"),
    F.ConfirmCause("INC-1", "C1"),
    F.OfferWorkaround("INC-1", "restart it"),
    F.RecordDecision("INC-1", "Notifiable?", "No.", "nothing left", ("yes", "no"), True),
    Attach("INC-1", f"sha256:{HASH}", HASH, 5, "syslog"),
)
LINES = (
    "label: TLP:AMBER (patients)",
    "aspects: security, privacy",
    "impact: data major (1200 records)",
    "affected: service shop",
    "perhaps: location Graz",
    "impaired: I1 component db down from 2026-03-01 02:30:00+00:00, still impaired",
    "organisations: CERT (authority)",
    "references: jira OPS-1",
    "facts: lost = 1200",
    "hypotheses: H1 proposed: the pool leaks",
    "causes: C1 root, process, confirmed: no limit was set",
    "workarounds: W1 (effective: unknown): restart it",
    "decisions: D1 Notifiable? No. (decided against)",
    "attachments: A1 syslog (with ana)",
)


def full() -> Story:
    story = Story().declare()
    for command in COMMANDS:
        story.do(command)
    return story


def ask(story: Story, topic: str) -> Explanation:
    return explain(story.incident, story.entries, topic)


def test_every_part_that_there_is_has_a_line() -> None:
    story = full()
    assert dossier.lines(story.incident) == LINES
    assert tuple(card(story.incident).split("\n")[6:]) == LINES
    shown: Any = dict(review(story.incident, story.entries).facts)
    assert shown["Decisions"] == "D1 Notifiable? No. (decided against)"


def test_an_incident_of_every_day_has_none() -> None:
    story = Story().declare()
    assert dossier.lines(story.incident) == ()
    assert len(card(story.incident).split("\n")) == 6
    assert ask(story, "facts").answer == "nothing is known"
    assert ask(story, "decisions").answer == "nothing was decided"
    assert ask(story, "causes").answer == "no cause is confirmed"
    assert ask(story, "impact").answer.startswith("impact high, as ana stated it at 2026-03-01")


def test_what_no_longer_holds_is_not_shown() -> None:
    story = full()
    for command in (
        P.WithdrawImpactInterval("INC-1", "I1", "no"),
        F.RejectCause("INC-1", "C1", "no"),
        F.DropWorkaround("INC-1", "W1", "no"),
        F.RecordDecision("INC-1", "Notifiable?", "Yes.", "it did", supersedes="D1"),
        X.AssertFact("INC-1", "lost"),
    ):
        story.do(command)
    lines = dict(dossier.pairs(story.incident))
    assert not {"Impaired", "Causes", "Workarounds", "Facts"} & set(lines)
    assert lines["Decisions"] == "D2 Notifiable? Yes."
    assert ask(story, "facts").answer == "nothing is known"


def test_long_lists_say_how_much_more_there_is() -> None:
    story = Story().declare()
    for number in range(25):
        story.do(X.AssertFact("INC-1", f"k{number}", "v"))
    assert dict(dossier.pairs(story.incident))["Facts"].endswith("k9 = v; and 15 more")
    assert ask(story, "facts").answer.endswith("; and 5 more")


# --- explanations ---------------------------------------------------------------------------------


def test_decisions_tell_what_was_known_then() -> None:
    told = ask(full().do(X.AssertFact("INC-1", "lost", 9000)), "decisions")
    assert told.answer == "1 of 1 decisions stand: D1 Notifiable? No. (decided against)"
    assert told.lines[0].endswith("because nothing left; known then: lost = 1200")
    assert told.lines[1] == "  options: yes; no"


def test_facts_tell_which_assertion_stands() -> None:
    story = full().do(X.AssertFact("INC-1", "lost", 9000, known_at=START))
    told = ask(story, "facts")
    assert told.answer == "1 fact is known: lost = 1200"
    assert [x.rpartition("; ")[2] for x in told.lines] == [
        "this one stands",
        "another one stands",
    ]
    gone = explain(story.incident, redact(story.entries), "facts")
    assert gone.answer.endswith("(2 redacted)")


def test_causes_are_a_chain_of_whys() -> None:
    told = ask(full(), "causes")
    assert told.answer == "confirmed: C1 root, process, confirmed: no limit was set"
    assert told.lines[-1] == "why: H1 the pool leaks <- C1 no limit was set"


def test_impaired_places_are_summed_up() -> None:
    told = ask(full(), "impact")
    assert told.lines[-1] == "component db was impaired for 16m in all"
    assert "now: data major (1200 records)" in told.lines


def test_an_impact_that_nobody_can_explain() -> None:
    story = Story().declare()
    told = explain(story.incident, redact(story.entries), "impact")
    assert told.answer == "impact high; no entry that can be read says why (1 redacted)"
    assert explain(story.incident, (), "impact").answer.endswith("says why")


# --- what was known -------------------------------------------------------------------------------


def test_what_was_known_at_any_time() -> None:
    story = Story().declare()
    story.do(X.AssertFact("INC-1", "lost", "5"))
    story.do(X.AssertFact("INC-1", "site", "Graz"))
    story.do(X.AssertFact("INC-1", "lost", "900", known_at=START + minutes(1)))
    story.do(Prioritise("INC-1", urgency="low"))
    story.do(X.AssertFact("INC-1", "site"))

    def known(after: int, recorded: int | None = None) -> dict[str, Any]:
        then = None if recorded is None else START + minutes(recorded)
        found = facts_as_known(story.entries, START + minutes(after), recorded=then)
        return {key: fact.value for key, fact in found.items()}

    assert known(0) == {}
    assert known(1, 1) == {"lost": "5"}
    assert known(1) == {"lost": "900"}, "entered at 3, and known since 1"
    assert known(2) == {"lost": "900", "site": "Graz"}
    assert known(9) == {"lost": "900"}
    assert facts_as_known(redact(story.entries), START + minutes(9)) == {}
