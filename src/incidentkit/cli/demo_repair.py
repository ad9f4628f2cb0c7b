"""The last three steps of the demonstration: analyse, fix, document."""

from __future__ import annotations

from incidentkit.cli.demo_story import Step, Story, cleared, target
from incidentkit.cli.page import Tone
from incidentkit.cli.running import write_file
from incidentkit.cli.wire import wire
from incidentkit.model.incident_commands import Notify, TakeRole
from incidentkit.model.problem import Analyse, Problem, RaiseProblem
from incidentkit.views.review import to_markdown
from incidentkit.views.text import many, plain, quoted, words

_MOMENTS = (
    *("declared", "accepted", "acknowledged", "triaged", "role_taken", "started", "linked"),
    *("mitigated", "resolved", "closed"),
)


def analyse(story: Story) -> Step:
    """Step 3: one leads, one works, what is seen is written down, and so is the problem."""
    desk, ref, script = story.desk, story.ref, story.script
    step = Step("analyse", "Analyse: somebody leads, somebody looks, both write it down")
    story.at(6)
    role = TakeRole(ref, "incident_commander")
    story.call(
        step,
        'desk.execute(TakeRole(ref, "incident_commander"), by="ana")',
        lambda: desk.execute(role, by="ana"),
    )
    story.journal(step, "role_taken")
    story.at(7)
    story.call(
        step, f'desk.assign("{ref}", "bo", by="ana")', lambda: desk.assign(ref, "bo", by="ana")
    )
    story.call(step, f'desk.start("{ref}", by="bo")', lambda: desk.start(ref, by="bo"))
    story.journal(step, "assigned", "started")
    story.at(12)
    story.call(
        step, f'desk.note("{ref}", text, by="bo")', lambda: desk.note(ref, script.note, by="bo")
    )
    story.journal(step, "noted")
    story.at(15)
    step.called(story.time.now(), 'desk.execute(RaiseProblem(title, incident=ref), by="bo")')
    raised = desk.execute(RaiseProblem(script.problem, incident=ref, owner="bo"), by="bo")
    story.problem = raised.ref
    problem = desk.problem(story.problem)
    title = quoted(problem.title)
    step.fact("problem", f"{problem.ref} {title}, {words(problem.state)}", Tone.STRONG)
    story.journal(step, "linked")
    people = story.incident.people
    step.data = {
        "incident": wire(story.incident),
        "incident_commander": people.holder("incident_commander"),
        "assignee": people.assignee,
        "problem": wire(problem),
    }
    return step


def fix(story: Story) -> Step:
    """Step 4: restored, stakeholders told, alerts cleared (which ends nothing), then resolved."""
    desk, ref, script = story.desk, story.ref, story.script
    step = Step("fix", "Fix: restore the service, tell people, then resolve")
    story.at(22)
    story.call(step, f'desk.mitigate("{ref}", by="bo")', lambda: desk.mitigate(ref, by="bo"))
    story.journal(step, "mitigated", "notice_queued")
    story.at(24)
    notice = Notify(ref, "stakeholders", text=script.notice)
    story.call(
        step,
        'desk.execute(Notify(ref, "stakeholders", text=text), by="ana")',
        lambda: desk.execute(notice, by="ana"),
    )
    story.journal(step, "notice_queued")
    told = desk.explain(ref, "notice")
    step.fact("told", f"{told.answer}; written to outbox.txt")
    story.at(30)
    received = desk.receive("alertmanager", cleared(story.payload, story.time.now()))
    step.called(story.time.now(), 'desk.receive("alertmanager", payload)   # now all "resolved"')
    incident = story.incident
    clears = len(story.news("alert_cleared"))
    step.fact("cleared", f"{many(clears, 'alert')}, {incident.ties.firing} still firing")
    step.fact(
        "state",
        f"{incident.ref} is still {words(incident.status)}: alerts clear, people resolve",
        Tone.GOOD,
    )
    after_clearing = incident.status.value
    story.at(37)
    story.call(
        step,
        f'desk.resolve("{ref}", code="workaround", remedy=remedy, by="bo")',
        lambda: desk.resolve(ref, code="workaround", remedy=script.remedy, by="bo"),
    )
    story.journal(step, "resolved", "notice_queued")
    status = desk.explain(ref, "status")
    step.fact("state", status.answer, Tone.STRONG)
    step.data = {
        "cleared": {
            "alerts": received.alerts,
            "cleared": clears,
            "firing": incident.ties.firing,
            "state_after": after_clearing,
        },
        "incident": wire(story.incident),
        "explained": {"notices": wire(told), "status": wire(status)},
    }
    return step


def document(story: Story) -> Step:
    """Step 5: close, review, go on with the problem, seal the journal and verify it."""
    desk, ref = story.desk, story.ref
    step = Step("document", "Document: what happened, for those who learn from it")
    story.at(44)
    story.call(step, f'desk.close("{ref}", by="ana")', lambda: desk.close(ref, by="ana"))
    story.call(
        step,
        f'desk.execute(Analyse("{story.problem}"), by="bo")   # the cause stays',
        lambda: desk.execute(Analyse(story.problem), by="bo"),
    )
    problem = desk.problem(story.problem)
    step.fact("incident", f"{ref} is {words(story.incident.status)}", Tone.STRONG)
    step.fact("problem", _goes_on(problem))
    timeline = desk.timeline(ref)
    step.called(story.time.now(), f'desk.timeline("{ref}")   # in short')
    for line in (line for line in timeline if line.kind in _MOMENTS):
        step.fact(f"{line.at:%H:%M}", line.text)
    review = desk.review(ref)
    file = story.folder / "review.md"
    write_file(file, to_markdown(review))
    step.called(story.time.now(), f'desk.review("{ref}")')
    took = [f"{row[0]} to {row[1]}: {row[2]}" for row in review.durations]
    step.facts("took", took)
    step.facts("targets", map(target, story.incident.clocks))
    step.fact("written", f"review.md, {many(len(timeline), 'journal line')} and all decisions")
    desk.seal()
    step.called(story.time.now(), "desk.seal(); desk.verify()")
    seen = desk.verify()
    wrong = "; ".join(map(plain, seen.problems)) or "no entry was changed, added or taken away"
    step.fact(
        "verified",
        f"{seen.entries} entries in {many(seen.streams, 'journal')}: {wrong}",
        Tone.BAD if seen.problems else Tone.GOOD,
    )
    step.data = {
        "incident": wire(story.incident),
        "problem": wire(problem),
        "timeline": wire(timeline),
        "review": {"file": str(file), "durations": took, "targets": wire(review.targets)},
        "verified": wire(seen),
    }
    return step


def _goes_on(problem: Problem) -> str:
    links = ", ".join(f"{words(x.kind)} {x.ref}" for x in problem.links)
    return f"{problem.ref} goes on: {words(problem.state)} ({links})"
