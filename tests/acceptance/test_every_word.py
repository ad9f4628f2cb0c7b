"""Every word of the trade that the library uses is reached by a public name and seen in a view.

The night in `long_night` uses each of them; a row here says after which scene people read it where.
A word that is added to the glossary is added here, or to ELSEWHERE with the test that shows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import incidentkit as ik
from incidentkit.views.explain_relations import report_card
from incidentkit.views.explain_review import review_card
from incidentkit.views.problem_card import card as problem_card
from incidentkit.views.record_cards import record_card
from incidentkit.views.summary import card
from tests.acceptance import long_night as n
from tests.acceptance.long_night import Night

Look = Callable[[Night], str]


def show(ref: str = "INC-1") -> Look:
    """What stands on the card that `incidentkit show` prints."""
    return lambda night: shown(night.desk.get(ref))


def shown(record: Any) -> str:
    if isinstance(record, ik.Incident):
        return card(record)
    if isinstance(record, ik.Problem):
        return problem_card(record)
    if isinstance(record, ik.Review):
        return "\n".join(review_card(record))
    if type(record).__name__ == "Report":
        return "\n".join(report_card(record))
    return "\n".join(record_card(record))


def timeline(ref: str = "INC-1") -> Look:
    return lambda night: "\n".join(str(x) for x in night.desk.timeline(ref))


def explain(topic: str, ref: str = "INC-1") -> Look:
    return lambda night: str(night.desk.explain(ref, topic))


def overview(night: Night) -> str:
    return str(night.desk.overview())


def review(night: Night) -> str:
    return ik.to_markdown(night.desk.review("INC-1"))


def suggest(night: Night) -> str:
    return str(night.desk.suggest("INC-1"))


def metrics(night: Night) -> str:
    return "\n".join(x.name for x in night.desk.metrics().metrics)


def brief(night: Night) -> str:
    return str(night.desk.brief("INC-1"))


def rejected(night: Night) -> str:
    return "\n".join(night.seen)


def deliveries(night: Night) -> str:
    found = night.desk.deliveries("INC-1")
    return "\n".join(f"{x.kind} {x.state} {x.party} received {x.received}" for x in found)


def verified(night: Night) -> str:
    return f"problems {night.desk.verify().problems}"


# word: (the scene that reaches it, the view, what is read there)
WORDS: dict[str, tuple[Any, Look, str]] = {
    # what comes in
    "signal": (n.capture, timeline(), 'alert "Checkout answers 502" joined'),
    "alert": (n.capture, explain("alerts"), "1 alert joined"),
    "alert clears, incident stays": (n.end, timeline(), 'alert "Checkout answers 502" cleared'),
    "report": (n.capture, timeline(), 'carl for Mrs Miller reported "I cannot pay" at Lyon'),
    "reporter": (n.capture, show("REP-1"), "report of carl"),
    "on behalf of": (n.capture, show("REP-1"), "for Mrs Miller"),
    "location of a report": (n.capture, show("REP-1"), "Lyon"),
    "contact": (n.capture, show("REP-1"), "+33 1 99 00 12 34"),
    "many reports": (n.capture, show(), "2 reports"),
    "told": (n.end, timeline("REP-1"), "Mrs Miller is told that it is resolved"),
    "confirmed": (n.end, show("REP-1"), "confirmed: it works again"),
    "answer": (n.capture, timeline(), "ana acknowledged"),
    "receipt": (n.capture, deliveries, "page sent ana received True"),
    "change": (n.capture, suggest, "Release 4.2.1"),
    "beat": (n.beside, show("INC-2"), "No sign of life from backup"),
    "heartbeat": (n.beside, overview, "No sign of life from backup"),
    "rejected": (n.capture, rejected, "is not JSON"),
    "silence": (n.capture, show("SIL-1"), 'alerts of which service == "search"'),
    # the incident
    "incident": (n.rate, show(), "INC-1  P1 critical on checkout"),
    "candidate": (n.beside, overview, "Candidates waiting (1)"),
    "accepted": (n.capture, timeline(), "ana accepted it as an incident"),
    "aspect": (n.rate, show(), "aspects: operations, privacy"),
    "primary aspect": (n.rate, timeline(), "ana stated the aspect operations, its primary one"),
    "impact assessment": (n.rate, show(), "impact: service major (about 4000 orders): all shops"),
    "count estimated": (n.rate, timeline(), "about 4000 orders"),
    "unknown": (n.rate, show(), "people unknown"),
    "impact": (n.rate, explain("priority"), "impact high"),
    "urgency": (n.rate, explain("priority"), "urgency high"),
    "priority": (n.rate, explain("priority"), "= P1 (matrix 'default')"),
    "provisional": (n.beside, show("PRB-1"), "P3?"),
    "severity": (n.rate, review, "sev1"),
    "outcome": (n.end, show("INC-4"), "exercise"),
    "impact interval": (n.rate, show(), "impaired: I1 service checkout down from"),
    "impact in all": (n.end, explain("impact"), "service checkout was impaired for 24m in all"),
    "major": (n.lead, explain("major"), "INC-1 is major: accepted"),
    "major on the card": (n.lead, show(), "major accepted"),
    "majors": (n.lead, overview, "Major incidents (1)"),
    # what is known
    "fact": (n.find_out, explain("facts"), "orders_lost = 40"),
    "source and confidence": (n.find_out, timeline(), "source the log, confidence medium"),
    "hypothesis": (n.find_out, show(), "hypotheses: H1 confirmed: the pool leaks"),
    "cause": (n.find_out, show(), "causes: C1 root, process, confirmed: no limit was set"),
    "workaround": (n.find_out, show(), "workarounds: W1 (effective: yes): take cash"),
    "decision": (n.find_out, explain("decisions"), "Do we tell the authority? No."),
    "decided against": (n.find_out, show(), "(decided against)"),
    "reasons of a decision": (n.find_out, explain("decisions"), "because No record left the house"),
    "facts known then": (n.find_out, explain("decisions"), "known then: orders_lost = 40"),
    "decision in the review": (n.end, review, "| No record left the house. |"),
    "attachment": (n.find_out, show(), "attachments: A1 heap.txt"),
    "custody": (n.find_out, timeline(), "bob handed A1 over to legal (was with bob)"),
    # problems
    "problem": (n.beside, show("PRB-1"), "Checkout leaks connections"),
    "known error": (n.beside, show("PRB-1"), "known error: published for staff"),
    "review-by date": (n.beside, timeline("PRB-1"), "to be reviewed by"),
    "known error suggested": (n.beside, suggest, "restart the pool"),
    # people
    "owner": (n.lead, show(), "owner eva"),
    "assignee": (n.lead, show(), "assignee bob"),
    "watchers": (n.lead, show(), "watched by wim"),
    "team": (n.lead, show(), "team payments"),
    "role assignment": (n.lead, explain("roles"), "communications cora"),
    "cardinality": (n.lead, show(), "scribe sue, scribe ted"),
    "handover offered": (n.lead, timeline(), "ana offered the role commander to eve"),
    "handover briefed": (n.lead, timeline(), "ana briefed eve for the role commander"),
    "handover accepted": (n.lead, timeline(), "eve took over the role commander"),
    "brief": (n.lead, brief, "Checkout answers 502"),
    "organisation: supplier": (n.rate, show(), "The bank (supplier)"),
    "organisation: authority": (n.rate, show(), "Data protection office (authority)"),
    # things
    "service": (n.rate, show(), "affected: service checkout"),
    "component": (n.rate, show(), "component checkout-db"),
    "location": (n.rate, show(), "location Lyon"),
    "asset": (n.rate, show(), "perhaps: asset terminal 7"),
    # time
    "target": (n.rate, explain("clock"), "acknowledge"),
    "clock": (n.rate, explain("resolve"), "is due 2026-01-05"),
    "clock paused": (n.wait, explain("resolve"), "paused"),
    "clock stopped": (n.end, explain("resolve"), "was met at"),
    # paging
    "page": (n.capture, explain("page"), "paged: ana on sms"),
    "acknowledgement is a lease": (n.rate, show(), "acknowledged by ana until"),
    # talk
    "note": (n.talk, timeline(), "bob noted: The pool is exhausted."),
    "reply": (n.talk, timeline(), "cora replied to reporters: We are on it."),
    "notice": (n.talk, explain("notice"), "Take cash meanwhile."),
    "audience": (n.talk, explain("notice"), "shops (1 message)"),
    "message": (n.talk, deliveries, "notice sent shop-desk"),
    "delivery": (n.talk, timeline(), "notice to shop-desk on sms was sent"),
    "label": (n.rate, show(), "label: TLP:AMBER (bank)"),
    "public state": (n.lead, explain("public"), "the public was told identified"),
    # planned work
    "maintenance": (n.beside, show("MNT-1"), "planned work, routine, on checkout"),
    # the record
    "journal": (n.end, timeline(), "bob resolved it (fixed)"),
    "journal is whole": (n.end, verified, "problems ()"),
    "review": (n.end, review, "A release used up all connections."),
    "review's life-cycle": (n.end, show("REV-1"), "draft since"),
    "follow-up": (n.end, show("REV-1"), "F1 open Limit connections, cy"),
    "reason": (n.rate, explain("priority"), "[prioritise.matrix 1, policy "),
    # where it stands, beside its state
    "status": (n.wait, timeline(), 'bob set the status "Waiting for the bank"'),
    "on hold, and whose court": (n.wait, timeline(), "waiting for The bank"),
    "region": (n.lead, show(), "security contained"),
    "task": (n.lead, explain("tasks"), "T1 done"),
    "checklist": (n.lead, timeline(), 'attached the checklist "bridge" (2 tasks)'),
    "link": (n.beside, explain("links"), "caused by PRB-1"),
    "child": (n.beside, show(), "parent of INC-3"),
    "reference": (n.rate, show(), "references: jira OPS-17"),
    "restored": (n.end, timeline(), "bob mitigated it: service restored"),
    "promise": (n.talk, timeline(), "the next update to shops is running, due"),
    "figures": (n.end, metrics, "time_to_restore"),
    # as the glossary has them
    "state": (n.end, show(), "resolved since"),
    "code": (n.end, show(), "; fixed: "),
    "remedy": (n.end, show(), "rolled back to 4.2.0"),
    "mitigated": (n.end, timeline(), "bob mitigated it"),
    "hold": (n.wait, timeline(), "bob put it on hold: they must confirm"),
    "moment": (n.find_out, timeline(), "eve set when its cause was identified"),
    "round": (n.capture, timeline(), "ana is paged on sms (round 1)"),
    "fallback": (n.capture, explain("page"), "nobody is assigned, so the fallback ana"),
    "acknowledgement": (n.capture, timeline(), "ana acknowledged (until"),
    "response": (n.beside, show("INC-2"), "unacknowledged"),
    "task of an incident": (n.lead, show(), "1 of 2 tasks open"),
    "handover": (n.lead, timeline(), "eve took over the role commander"),
    "role": (n.lead, show(), "commander eve"),
    "watcher": (n.lead, timeline(), "wim watches it"),
    "on behalf": (n.capture, timeline(), "carl for Mrs Miller"),
    "actor": (n.lead, timeline(), "bob started work"),
    "party": (n.lead, timeline(), "ana made eva the owner"),
    "held back": (n.beside, show("MNT-1"), "holds back while it goes on: all of its alerts"),
    # rules
    "policy": (n.rate, explain("clock"), "policy "),
}

# A word of the glossary that this night does not use -> the test in which it is seen.
ELSEWHERE = {
    "repeat": "flows/test_capture.py",
    "capture": "flows/test_capture.py",
    "overrun": "scenarios/test_d_maintenance.py",
    "lead time": "scenarios/test_d_maintenance.py",
    "legal hold": "desk/test_overlays.py",
    "duplicate": "rules/test_lifecycle_table.py",
    "successor": "rules/test_relations_table.py",
    "recurrence": "scenarios/test_c_problem_half.py",
    "verifying": "scenarios/test_c_problem_half.py",
    "risk accepted": "rules/test_problem_lifecycle.py",
    "tenant": "desk/test_tenants.py",
    "directory": "desk/test_directory_file.py",
    "authoriser": "flows/test_authoriser.py",
    "warned": "rules/test_clocks.py",
    "breached": "rules/test_clocks.py",
    "redaction": "desk/test_overlays.py",
    "history": "desk/test_replaying.py",
    "imported entry": "rules/test_importing.py",
    "seal": "desk/test_audit.py",
    "anchor": "desk/test_audit.py",
    "lint": "cli/test_policies.py",
    "observer": "desk/test_observers.py",
    "pager": "acceptance/test_own_pager.py",
    "store": "acceptance/test_own_store.py",
    "sync": "flows/test_notices.py",
}
MACHINERY = {
    "timer", "time source", "answer token", "event", "condition", "template", "mapping", "desk",
    "command", "source", "channel", "hook", "plugin", "fault", "lease", "parked", "flow", "effect",
    "driver", "task",
}  # fmt: skip
"""Words for whoever programs with it; nobody reads them on a page about an incident."""


def test_every_word_is_reached_and_seen(
    open_desk: Callable[..., Any], url: str, tmp_path: Path
) -> None:
    night = n.stage(open_desk, url, f"file:{tmp_path}/blobs")
    unseen: list[str] = []
    for scene in n.SCENES:
        scene(night)
        for word, (reached, look, text) in WORDS.items():
            if reached is scene and text not in (told := look(night)):
                unseen.append(f"{word}: {text!r} is not in\n{told}")
    assert not unseen, "\n\n".join(unseen)


def test_every_row_belongs_to_a_scene() -> None:
    assert {scene for scene, _, _ in WORDS.values()} <= set(n.SCENES)


def test_the_night_is_told_with_public_names_only() -> None:
    story = Path(n.__file__).read_text(encoding="utf-8")
    used = set(re.findall(r"\bik\.(\w+)", story))
    assert len(used) > 40
    assert used <= set(ik.__all__)
    assert re.findall(r"^(?:from|import) (incidentkit\S*)", story, re.MULTILINE) == ["incidentkit"]


def test_every_word_of_the_glossary_is_here() -> None:
    root = Path(n.__file__).parents[2]
    glossary = (root / "docs" / "explanation" / "glossary.md").read_text(encoding="utf-8")
    terms = re.findall(r"^\*\*(.+)\*\*$", glossary, re.MULTILINE)
    named = {each.lower() for term in terms for each in term.split(", ")}
    assert sorted(named - set(WORDS) - set(ELSEWHERE) - MACHINERY) == []
    assert sorted((set(ELSEWHERE) | MACHINERY) - named) == []
    assert not set(WORDS) & set(ELSEWHERE)
    gone = [x for x in ELSEWHERE.values() if not (root / "tests" / x).exists()]
    assert not gone
