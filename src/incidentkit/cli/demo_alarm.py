"""The first two steps of the demonstration: capture, and categorise and prioritise."""

from __future__ import annotations

from incidentkit.cli.demo_story import Step, Story, target
from incidentkit.cli.page import Tone
from incidentkit.cli.wire import wire
from incidentkit.model.words import UNKNOWN
from incidentkit.rules.prioritise import RULE
from incidentkit.rules.rerun import rerun
from incidentkit.views.text import many, plain, quoted

RECEIVE = 'desk.receive("alertmanager", payload)'


def _alert(line: str) -> str:
    return line.removeprefix("alert ").removesuffix(" joined")


def untimed(line: str) -> str:
    """A line of an explanation without its instant."""
    return line.strip().partition("  ")[2] or line.strip()


def capture(story: Story) -> Step:
    """Step 1: a payload comes in, and the same again from the second Alertmanager."""
    desk, step = story.desk, Step("capture", "Capture: alerts come in, one incident comes out")
    received = desk.receive("alertmanager", story.payload)
    step.called(story.time.now(), RECEIVE)
    step.data = {
        "alerts": received.alerts,
        "opened": list(received.opened),
        "joined": list(received.joined),
        "rejected": [{"path": path, "problem": why} for path, why in received.rejected],
    }
    step.fact("came in", f"{many(received.alerts, 'alert')} in one payload")
    step.facts(
        "rejected",
        (f"{plain(path)}: {plain(why)}" for path, why in received.rejected[:5]),
        Tone.WARN,
    )
    if not received.opened:
        return step
    story.ref = received.opened[0]
    incident = story.incident
    step.fact("opened", f"{incident.ref} {quoted(incident.title)}", Tone.STRONG)
    step.fact("", "a candidate: it counts as an incident once somebody takes it on")
    if len(received.opened) > 1:
        others = ", ".join(received.opened[1:6])
        step.fact("", f"also opened: {others}; the story goes on with {incident.ref}", Tone.WARN)
    alerts = desk.explain(story.ref, "alerts")
    step.fact("alerts", alerts.answer)
    step.facts("", (f"- {_alert(line.text)}" for line in story.news("alert_joined")[:8]))
    before = len(desk.journal(story.ref))
    story.at(1 / 60)
    again = desk.receive("alertmanager", story.payload)
    step.called(story.time.now(), f"{RECEIVE}   # its replica's copy")
    after = len(desk.journal(story.ref))
    step.fact(
        "counted",
        f"{many(again.repeats, 'repeat')}, opened {len(again.opened)}; the journal has "
        f"{after} entries as before"
        if after == before
        else f"{many(again.repeats, 'repeat')}; the journal went from {before} to {after} entries",
        Tone.GOOD if after == before else Tone.WARN,
    )
    step.data |= {
        "incident": wire(story.incident),
        "repeat": {"repeats": again.repeats, "opened": list(again.opened), "entries": after},
        "explained": wire(alerts),
    }
    return step


def prioritise(story: Story) -> Step:
    """Step 2: who is paged and why, who answers, how urgent it is and why."""
    desk, ref = story.desk, story.ref
    step = Step(
        "categorise_and_prioritise", "Categorise and prioritise: who is woken, how urgent, and why"
    )
    story.at(2 / 60)
    story.call(step, "desk.run_due()   # a worker does this all the time", desk.run_due)
    paging = desk.explain(ref, "paging")
    step.fact("paged", paging.answer.removeprefix("paged: "), Tone.STRONG)
    step.fact("why", untimed(paging.lines[0]))
    page = story.pager.sent[ref]
    step.fact("delivered", f"to {plain(page.to)}: {plain(page.text)}")
    story.news()
    story.at(3)
    story.call(
        step,
        'desk.receive("pager", answer)   # ana answers: I have it',
        lambda: desk.receive("pager", story.pager.answer(ref)),
    )
    story.journal(step, "accepted", "acknowledged", "notice_queued")
    story.at(5)
    rating = story.incident.rating
    impact = "high" if rating.impact == UNKNOWN else rating.impact
    urgency = "high" if rating.urgency == UNKNOWN else rating.urgency
    story.call(
        step,
        f'desk.triage("{ref}", impact="{impact}", urgency="{urgency}", by="ana")',
        lambda: desk.triage(ref, impact=impact, urgency=urgency, by="ana"),
    )
    incident, priority = story.incident, desk.explain(ref, "priority")
    step.fact("priority", f"{incident.priority} {incident.priority.label}", Tone.STRONG)
    step.facts("why", (*(untimed(line) for line in priority.lines[:1]), priority.answer))
    (*_, decided) = (x for x in priority.reasons if x.rule == RULE)
    outcome = rerun(decided)
    step.fact(
        "checked",
        f"the rule run again on its journaled inputs gives {outcome}",
        Tone.GOOD if outcome == incident.priority.value else Tone.BAD,
    )
    due = desk.explain(ref, "due")
    step.facts("targets", map(target, incident.clocks))
    story.news()
    step.data = {
        "priority": {"value": incident.priority.value, "label": incident.priority.label},
        "incident": wire(incident),
        "explained": {"priority": wire(priority), "paging": wire(paging), "targets": wire(due)},
        "page": wire(page),
    }
    return step
