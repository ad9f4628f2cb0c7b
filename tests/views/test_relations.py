"""Links and reports in words: the answer first, and under it how it came about."""

from __future__ import annotations

import attrs

from incidentkit.model.incident import Link, Ties
from incidentkit.model.report import Report, ReportState
from incidentkit.model.words import LinkKind
from incidentkit.views.explain import explain
from incidentkit.views.explain_relations import report_card
from incidentkit.views.summary import card
from tests.rules.builders import START, declared

REPORT = Report(
    "r", "REP-1", 1, "joe", "No mail", "1", START, "since nine", "eve", "Graz", "4711"
)  # fmt: skip


def test_what_an_incident_is_linked_to() -> None:
    alone = declared()
    assert explain(alone, (), "links").answer == "INC-1 is linked to nothing"
    links = (Link(LinkKind.CHILD_OF, "incident/2", "INC-2"), Link(LinkKind.RELATED, "x/3", "X-3"))
    tied = attrs.evolve(alone, ties=Ties(links, reports=2))
    assert explain(tied, (), "links").answer == "INC-1 is child of INC-2, related to X-3"
    assert explain(tied, (), "reports").answer == "2 reports of INC-1; reported first by carl"
    assert "no alerts, 2 reports; child of INC-2" in card(tied)


def test_a_report_at_a_glance() -> None:
    assert report_card(REPORT) == [
        "REP-1  report of joe for eve",
        "No mail",
        "open",
        "reported 2026-03-02 09:00:00+00:00, Graz, 4711",
        "since nine",
    ]
    said = attrs.evolve(REPORT, state=ReportState.REJECTED, words="still not")
    bare = attrs.evolve(said, text="", location=None, contact="", on_behalf_of=None)
    assert report_card(bare) == [
        "REP-1  report of joe",
        "No mail",
        "rejected: still not",
        "reported 2026-03-02 09:00:00+00:00",
        "no words beside the title",
    ]
    assert explain(said, (), "status").answer == "REP-1 of eve is rejected: still not"
