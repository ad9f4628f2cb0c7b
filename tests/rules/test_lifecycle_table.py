"""The life-cycle's table: every state and every command, the expected result written out here.

Nothing is read from the code's own table but which commands there are; so a cell that changes there
fails here, and so does a command or a state that is added and not thought about.
"""

from __future__ import annotations

import attrs
import pytest

from incidentkit.errors import InvalidValue, MissingFields, TransitionNotAllowed
from incidentkit.model import incident_commands as c
from incidentkit.model import incident_events as e
from incidentkit.model.incident import Incident
from incidentkit.model.words import CancelReason, LinkKind, Moment, Priority, State
from incidentkit.rules import lifecycle
from tests.rules.builders import TERMS, after, at, declared, do, standing

# One command of each kind, with everything it needs.
COMMANDS: dict[str, c.Command] = {
    "accept": c.Accept("INC-1"),
    "decline": c.Decline("INC-1", reason="a test"),
    "triage": c.Triage("INC-1", impact="high", urgency="high"),
    "start": c.Start("INC-1"),
    "hold": c.Hold("INC-1", reason="vendor", court="ACME"),
    "resume": c.Resume("INC-1"),
    "mitigate": c.Mitigate("INC-1"),
    "observe": c.Observe("INC-1", condition="quiet for an hour"),
    "regress": c.Regress("INC-1", reason="errors again"),
    "resolve": c.Resolve("INC-1", code="fixed", remedy="restarted"),
    "close": c.Close("INC-1", code="fixed", remedy="restarted"),
    "reopen": c.Reopen("INC-1", reason="it came back"),
    "cancel": c.Cancel("INC-1"),
    "cancel as duplicate": c.Cancel("INC-1", CancelReason.DUPLICATE, target="incident/2|INC-2"),
    "cancel as false alarm": c.Cancel("INC-1", CancelReason.FALSE_ALARM),
    "cancel as redirected": c.Cancel("INC-1", CancelReason.REDIRECTED, target="the bank"),
    "acknowledge": c.Acknowledge("INC-1"),
    "assign": c.Assign("INC-1", assignee="bob"),
    "watch": c.Watch("INC-1"),
    "take_role": c.TakeRole("INC-1", role="commander"),
    "leave_role": c.LeaveRole("INC-1", role="scribe"),
    "prioritise": c.Prioritise("INC-1", impact="low"),
    "note": c.AddNote("INC-1", text="looked at it"),
    "reply": c.Reply("INC-1", text="we are at it"),
    "edit": c.Edit("INC-1", title="Checkout is slow"),
    "correct": c.Correct("INC-1", Moment.OCCURRED, at(-5), "from the logs"),
    "link": c.LinkTo("INC-1", LinkKind.RELATED, "incident/3|INC-3"),
    "unlink": c.Unlink("INC-1", LinkKind.BLOCKED_BY, "incident/4"),
    "notify": c.Notify("INC-1", audience="customers"),
    "wake": c.Redecide("INC-1"),
}

# . refused; = stays where it is; else the first letter of the state, as in the head:
# N new  T triaged  W in progress  H on hold  M mitigated  O observing  R resolved  C closed
# X cancelled. An incident stands in the states of the head, in this order:
TABLE = """
                        N T W H M O R C X
accept                  . . . . . . . . .
decline                 . . . . . . . . .
triage                  T . . . . . . . .
start                   W W . W . . . . .
hold                    H H H H H H . . .
resume                  . . . W . . . . .
mitigate                M M M M . . . . .
observe                 O O O O O . . . .
regress                 . . . . W W . . .
resolve                 R R R R R R . . .
close                   C C C C C C C . .
reopen                  . . . . . . W W W
cancel                  X X X X X X . . .
cancel as duplicate     X X X X X X X . .
cancel as false alarm   X X X X X X X . .
cancel as redirected    X X X X X X . . .
acknowledge             = = = = = = . . .
assign                  = = = = = = = . .
watch                   = = = = = = = = =
take_role               = = = = = = = . .
leave_role              = = = = = = = . .
prioritise              = = = = = = = . .
note                    = = = = = = = = =
reply                   = = = = = = = = =
edit                    = = = = = = = = =
correct                 = = = = = = = = =
link                    = = = = = = = = =
unlink                  = = = = = = = = =
notify                  = = = = = = = = =
wake                    = = = = = = = = =
"""
# A candidate stands in `new`. + means that the command accepts it as well.
CANDIDATE = {
    "accept": "N+",
    "decline": "X",
    "triage": "T+",
    "start": "W+",
    "hold": "H+",
    "resume": ".",
    "mitigate": "M+",
    "observe": "O+",
    "regress": ".",
    "resolve": "R+",
    "close": "C+",
    "reopen": ".",
    "cancel": "X",
    "cancel as duplicate": "X",
    "cancel as false alarm": "X",
    "cancel as redirected": "X",
    "acknowledge": "=+",
    "assign": "=+",
    "watch": "=+",
    "take_role": "=+",
    "leave_role": "=+",
    "prioritise": "=+",
    "note": "=",
    "reply": "=+",
    "edit": "=+",
    "correct": "=+",
    "link": "=+",
    "unlink": "=+",
    "notify": "=+",
    "wake": "=",
}
LETTERS = dict(zip("NTWHMORCX", State, strict=True))


def cells() -> list[tuple[str, State, str]]:
    head, *rows = TABLE.strip().splitlines()
    states = [LETTERS[letter] for letter in head.split()]
    found: list[tuple[str, State, str]] = []
    for row in rows:
        parts = row.split()
        name, results = " ".join(parts[: -len(states)]), parts[-len(states) :]
        found += [(name, state, cell) for state, cell in zip(states, results, strict=True)]
    return found


CELLS = cells()


def furnished() -> Incident:
    """With a role to leave and a link to take away, so that only the state can be in the way."""
    incident = do(declared(), c.TakeRole("INC-1", role="scribe"), 0)
    return do(incident, c.LinkTo("INC-1", LinkKind.BLOCKED_BY, "incident/4|INC-4"), 0)


def prepared(state: State) -> Incident:
    plain = furnished()
    stands = standing(state)
    return attrs.evolve(stands, people=plain.people, ties=plain.ties)


def test_the_table_here_is_whole() -> None:
    named = {type(command) for command in COMMANDS.values()}
    assert named == {move.command for move in (*lifecycle.MOVES, *lifecycle.STAYS)}
    assert {name for name, _, _ in CELLS} == set(COMMANDS) == set(CANDIDATE)
    assert len(CELLS) == len(COMMANDS) * len(State)
    every = {x for x in vars(c).values() if isinstance(x, type) and issubclass(x, c.Command)}
    assert every - named == {c.Command, c.Declare}, "a command that no table knows"


@pytest.mark.parametrize(("name", "state", "cell"), CELLS, ids=lambda x: getattr(x, "value", x))
def test_cell(name: str, state: State, cell: str) -> None:
    incident, command = prepared(state), COMMANDS[name]
    if cell == ".":
        with pytest.raises(TransitionNotAllowed) as caught:
            lifecycle.decide(incident, command, at(60), "ana", TERMS)
        assert caught.value.subject == "INC-1"
        assert caught.value.command.startswith(command.action)
        assert "INC-1 is" in str(caught.value)
        assert caught.value.allowed
        return
    moved = do(incident, command, 60)
    assert moved.life.state is (state if cell == "=" else LETTERS[cell])
    assert moved.version >= incident.version
    if cell != "=":
        assert moved.life.since == at(60)


@pytest.mark.parametrize(("name", "cell"), CANDIDATE.items())
def test_candidate(name: str, cell: str) -> None:
    incident = attrs.evolve(furnished(), life=declared(candidate=True).life)
    command = COMMANDS[name]
    if cell == ".":
        with pytest.raises(TransitionNotAllowed):
            lifecycle.decide(incident, command, at(60), "ana", TERMS)
        return
    events = lifecycle.decide(incident, command, at(60), "ana", TERMS)
    accepts = [type(event).__name__ for event in events].count("Accepted")
    assert accepts == cell.count("+")
    moved = do(incident, command, 60)
    target = cell.rstrip("+")
    assert moved.life.state is (State.NEW if target == "=" else LETTERS[target])
    assert moved.life.candidate is (cell == "=")


@pytest.mark.parametrize("state", State)
def test_a_refusal_names_what_is_allowed(state: State) -> None:
    """The names are those of the commands whose cells lead somewhere, in the order of the table."""
    moves = [name for name in COMMANDS if name in {m.action for m in lifecycle.MOVES}]
    leads = {(name, state): cell for name, state, cell in CELLS}
    expected = [name for name in moves if leads[name, state] not in (".", "=")]
    if state is State.NEW:
        expected = ["accept", "decline", *expected]  # where it is a candidate
    if state is State.RESOLVED:
        expected.append("cancel")  # as duplicate or false alarm
    assert lifecycle.allowed(state) == tuple(expected)


@pytest.mark.parametrize(
    ("state", "command", "missing"),
    [
        (State.NEW, c.Triage("INC-1"), ("impact", "urgency")),
        (State.NEW, c.Triage("INC-1", impact="high"), ("urgency",)),
        (State.NEW, c.Triage("INC-1", urgency="high"), ("impact",)),
        (State.NEW, c.Hold("INC-1"), ("reason", "court")),
        (State.NEW, c.Hold("INC-1", reason="vendor"), ("court",)),
        (State.ON_HOLD, c.Hold("INC-1", court="ACME"), ("reason",)),
        (State.NEW, c.Observe("INC-1"), ("until or condition",)),
        (State.MITIGATED, c.Regress("INC-1"), ("reason",)),
        (State.NEW, c.Resolve("INC-1"), ("code", "remedy")),
        (State.NEW, c.Resolve("INC-1", code="fixed"), ("remedy",)),
        (State.NEW, c.Resolve("INC-1", remedy="restarted"), ("code",)),
        (State.IN_PROGRESS, c.Close("INC-1"), ("code", "remedy")),
        (State.RESOLVED, c.Reopen("INC-1"), ("reason",)),
        (State.RESOLVED, c.Reopen("INC-1", reason="again", court="ACME"), ("hold_reason",)),
        (State.CLOSED, c.Reopen("INC-1", reason="again", hold_reason="vendor"), ("court",)),
        (State.NEW, c.Cancel("INC-1", CancelReason.DUPLICATE), ("target",)),
        (State.NEW, c.Cancel("INC-1", CancelReason.REDIRECTED), ("target",)),
        (State.NEW, c.AddNote("INC-1"), ("text",)),
        (State.NEW, c.Reply("INC-1"), ("text",)),
        (State.NEW, c.Correct("INC-1", Moment.OCCURRED, at(-1)), ("reason",)),
    ],
    ids=lambda x: x.action if isinstance(x, c.Command) else None,
)
def test_missing_fields_are_named(
    state: State, command: c.Command, missing: tuple[str, ...]
) -> None:
    with pytest.raises(MissingFields) as caught:
        lifecycle.decide(standing(state), command, at(60), "ana", TERMS)
    assert caught.value.fields == missing
    assert caught.value.command == command.action
    assert str(caught.value) == f"INC-1: {command.action} needs {', '.join(missing)}"


def test_declining_needs_a_reason() -> None:
    with pytest.raises(MissingFields, match="decline needs reason"):
        lifecycle.decide(declared(candidate=True), c.Decline("INC-1"), at(1), "ana", TERMS)


def test_a_reply_needs_a_reporter() -> None:
    command = c.Reply("INC-1", text="we are at it")
    with pytest.raises(MissingFields, match="reply needs reporter"):
        lifecycle.decide(declared(reporter=None), command, at(1), "ana", TERMS)


def test_a_prioritising_hand_needs_a_reason() -> None:
    command = c.Prioritise("INC-1", priority=Priority.P1)
    with pytest.raises(MissingFields, match="prioritise needs reason"):
        lifecycle.decide(declared(), command, at(1), "ana", TERMS)


def test_a_priority_goes_back_to_the_rules_for_a_reason() -> None:
    back = c.Prioritise("INC-1", by_rules=True)
    assert lifecycle.decide(declared(), back, at(1), "ana", TERMS) == ()
    by_hand = after(declared(), e.Prioritised(Priority.P1, Priority.P3, False, True, "a visit"))
    with pytest.raises(MissingFields, match="prioritise needs reason"):
        lifecycle.decide(by_hand, back, at(1), "ana", TERMS)
    both = c.Prioritise("INC-1", priority=Priority.P2, reason="x", by_rules=True)
    with pytest.raises(InvalidValue, match="leave it to the rules"):
        lifecycle.decide(by_hand, both, at(1), "ana", TERMS)
    said = c.Prioritise("INC-1", reason="it is over", by_rules=True)
    (event,) = lifecycle.decide(by_hand, said, at(1), "ana", TERMS)
    assert event == e.PriorityReturned(Priority.P1, "it is over")
    returned = after(by_hand, event)
    assert (returned.priority, returned.rating.by_hand) == (Priority.P1, False)


def test_where_a_row_leads_is_told() -> None:
    """Diagrams are drawn from `targets`; each row's agree with the cells above."""
    leads: dict[str, set[str]] = {}
    for name, _, cell in CELLS:
        if cell not in (".", "="):
            leads.setdefault(COMMANDS[name].action, set()).add(cell)
    leads["accept"], leads["decline"] = {"N"}, {"X"}
    leads["resume"], leads["reopen"] = set("NTWMO"), {"W", "H"}
    letters = {state: letter for letter, state in LETTERS.items()}
    told = {move.action: {letters[x] for x in move.targets} for move in lifecycle.MOVES}
    assert told == leads
    assert not [move.action for move in lifecycle.STAYS if move.targets]
