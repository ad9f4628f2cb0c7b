"""What somebody may not see is not there, whichever way they come in.

An oracle written by hand says who may see what; words that nobody can guess stand in every place of
what is hidden. Whatever a call gives or raises, or a channel is told for somebody, is searched for
them, and for the references. What is hidden must answer word for word as what does not exist.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from incidentkit import AsyncDesk, Desk
from incidentkit.cli.main import GROUPS
from incidentkit.errors import IncidentKitError, NotAuthorised, NotFound, TransitionNotAllowed
from incidentkit.flows.effects import Count, Find, Flow, Search, Tally
from incidentkit.flows.kinds import INCIDENT
from incidentkit.lang.words import needles
from incidentkit.ports.query import Query
from incidentkit.ports.search import Among, TextQuery
from tests.access import entry_points as ways
from tests.access.secret_world import ACTORS, Hidden, World, everything_in, may_see, opened

Open = Callable[..., Any]
NOBODY = "INC-99999"


def test_every_way_in_has_a_rule() -> None:
    for made in (Desk, AsyncDesk):
        public = {name for name in dir(made) if not name.startswith("_")}
        assert public == {*ways.RULED, *ways.HOST}
    assert {name for names in GROUPS.values() for name in names} == set(ways.CLI)
    assert not set(ways.RULED) & set(ways.HOST)


def leaks(world: World, actor: str, said: str) -> list[str]:
    """What of the hidden incidents stands in a text."""
    found: list[str] = []
    for each in world.closed_to(actor):
        found += [x for x in (each.word, each.id) if x in said]
        words = set(said.replace("'", " ").replace('"', " ").replace(",", " ").split())
        found += [x for x in (each.ref, *each.beside) if x in words]
    return found


def asked(call: Callable[[], Any]) -> tuple[Any, Exception | None]:
    try:
        return call(), None
    except IncidentKitError as error:
        return None, error


def check(world: World, actor: str, hidden: Hidden, way: str) -> None:
    """One actor, one incident, one way in."""
    desk, call = world.desk.as_(actor), ways.RULED[way]
    visible = may_see(actor, hidden.spec)
    if way in ways.ACTS and visible:
        return  # what may be done is the other table's; here it would change who sees what
    if way == "problem" and (len(hidden.beside) < 3 or (visible and actor == "nick")):
        return  # there is none; and whoever has no role sees no problems at all
    kinds = (hidden.ref, hidden.id, f"incident/{hidden.id}")
    name = world.random.choice(kinds)
    value, error = asked(lambda: call(desk, name, hidden, world))
    said = everything_in((value, error))
    brought = {name, hidden.word} if way == "search" else {name}  # they know what they brought
    brought |= {"problem": set(hidden.beside), "receive": {hidden.ref}}.get(way, set())
    brought |= {world.all[0].ref} if way == "execute" else set()
    brought |= {f"wake:incident/{hidden.id}", hidden.id} if way == "retry" else set()
    found = leaks(world, actor, said)
    if error is not None or way in ("search", "receive"):
        found = [x for x in found if not any(x in each for each in brought)]
    assert not found, (way, actor, hidden.spec, found, said[:2000])
    if way in ways.MANY:
        over = actor == "adam" and isinstance(error, TransitionNotAllowed)
        assert error is None or over or isinstance(error, NotAuthorised | NotFound), (way, error)
        return
    if visible:
        assert not isinstance(error, NotFound), (way, actor, hidden.spec, error)
        return
    missing = Hidden(hidden.spec, NOBODY, NOBODY, "", hidden.attachment, ["PRB-99999"])
    before = world.random.getstate()
    _, none = asked(lambda: call(desk, NOBODY, missing, world))
    world.random.setstate(before)
    if way == "problem":
        name = hidden.beside[0]
    if way == "execute":  # another command may have been drawn
        assert isinstance(error, NotFound | NotAuthorised), (way, actor, hidden.spec, value)
        return
    assert error is not None, (way, actor, hidden.spec, value)
    shown = str(error).replace(f"incident/{name}", name)
    wanted = str(none).replace("PRB-99999", name).replace(NOBODY, name)
    assert type(error) is type(none), (way, actor, error, none)
    assert shown.replace(name, "X") == wanted.replace(name, "X"), (way, actor)


def pairs(world: World, count: int) -> None:
    """So many random pairs, the ways in taken in turn."""
    names = sorted(ways.RULED)
    for number in range(count):
        actor = world.random.choice(ACTORS)
        check(world, actor, world.random.choice(world.all), names[number % len(names)])


def test_random_pairs(open_desk: Open, url: str, trials: Callable[[int], None]) -> None:
    trials(300)
    pairs(opened(open_desk, url, 50), 300)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seed", range(5))
def test_many_random_pairs(
    open_desk: Open, url: str, seed: int, trials: Callable[[int], None]
) -> None:
    """With two desks and three stores 15,000 pairs."""
    trials(500)
    pairs(opened(open_desk, url, seed), 500)


def test_each_actor_counts_what_the_oracle_counts(open_desk: Open, url: str) -> None:
    world = opened(open_desk, url, 7)
    for actor in ACTORS:
        mine, seen = world.desk.as_(actor), {x.ref for x in world.open_to(actor)}
        assert {x.ref for x in mine.find(limit=1000).items} == seen
        assert mine.count() == len(seen)
        assert {x.ref for x in mine.search("trouble", limit=100).items} <= {
            *seen,
            *(y for x in world.open_to(actor) for y in x.beside),
        }
        for kind, at in (("problem", 0), ("report", -1)):
            there = {x.ref for x in mine.find_records(kind, limit=1000).items}
            wanted = {x.beside[at] for x in world.open_to(actor) if kind == "report" or _two(x)}
            assert there == (set() if actor == "nick" else wanted), kind


def _two(hidden: Hidden) -> bool:
    return len(hidden.beside) == 3


class Everywhere:
    """A flow of a host, which asks for everything there is."""

    def ask(self) -> Flow[Any]:
        page = yield from Find(INCIDENT, Query("incident", limit=1000))
        number = yield from Count(Query("incident"))
        tally = yield from Tally(Query("incident"), "ref")
        among = (Among("incident"),)
        text = yield from Search(TextQuery(needles("trouble"), among, None, 100))
        return page.items, number, tally, text


def test_a_flow_of_the_host_is_narrowed_as_well(open_desk: Open, url: str) -> None:
    world = opened(open_desk, url, 8)
    for actor in ACTORS:
        items, number, tally, text = world.desk.as_(actor).run(Everywhere().ask)
        refs = {x.ref for x in world.open_to(actor)}
        assert {x.ref for x in items} == refs
        assert number == len(refs)
        assert tally is None or set(tally) == refs
        ids = {x.id for x in world.open_to(actor)}
        assert {x.id for x in text.hits} <= ids


def test_an_effect_without_a_rule_is_refused() -> None:
    effects = importlib.import_module("incidentkit.flows.effects")
    sight = importlib.import_module("incidentkit.flows.sight")
    known = {*sight.PLAIN, *sight.QUEUE, *sight.NARROWED}
    there = {
        x
        for x in vars(effects).values()
        if isinstance(x, type) and issubclass(x, effects.Effect) and x is not effects.Effect
    }
    assert there == known


def test_what_is_hidden_is_told_to_nobody_else(open_desk: Open, url: str) -> None:
    """A link to something hidden is left out, and its words are withheld elsewhere."""
    world = opened(open_desk, url, 9)
    plain, amber = world.all[3], world.all[4]
    vic = world.desk.as_("vic").incident(plain.ref)
    assert amber.ref not in {x.ref for x in vic.ties.links}
    assert amber.ref in {x.ref for x in world.desk.as_("rob").incident(plain.ref).ties.links}
    lines = [str(x) for x in world.desk.as_("vic").timeline(plain.ref)]
    assert any("[withheld]" in x for x in lines)
    assert not any(amber.ref in x.split() for x in lines)
