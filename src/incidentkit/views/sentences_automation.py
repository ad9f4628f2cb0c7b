"""One sentence for each thing that automation did, put off, left or could not do."""

from __future__ import annotations

from incidentkit.model import automation as a
from incidentkit.model.journal import Event
from incidentkit.views.sentences_life import Sentence
from incidentkit.views.text import Teller, listing, plain, quoted


def _automated(v: a.Automated, _: Teller) -> str:
    did = plain(listing(v.did))
    if v.dry_run:
        return f"the rule {quoted(v.rule)} would have done this, but runs dry: {did}"
    return f"the rule {quoted(v.rule)} fired: {did}"


def _put_off(v: a.AutomationPutOff, t: Teller) -> str:
    return f"the rule {quoted(v.rule)} fired and waits until {t.near(v.until)}"


def _skipped(v: a.AutomationSkipped, _: Teller) -> str:
    return f"the rule {quoted(v.rule)} did nothing: {plain(v.why)}"


def _failed(v: a.AutomationFailed, _: Teller) -> str:
    return (
        f"the rule {quoted(v.rule)} did nothing: {plain(v.action)} was refused: {plain(v.problem)}"
    )


AUTOMATION: dict[type[Event], Sentence] = {
    a.Automated: _automated,
    a.AutomationPutOff: _put_off,
    a.AutomationSkipped: _skipped,
    a.AutomationFailed: _failed,
}
"""Event -> its sentence."""
