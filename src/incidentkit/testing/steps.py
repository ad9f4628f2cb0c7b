"""Long runs of random commands on stores beside the model: as many steps as there is time for."""

from __future__ import annotations

from random import Random

import attrs

from incidentkit.testing.agreement import Agreement, Disagreement, Several, as_stores
from incidentkit.testing.commands import Command, a_command
from incidentkit.testing.expecting import CaseFailed

EPISODE = 200
"""So many commands are done to the same stores; then come new ones."""


@attrs.frozen
class Divergence:
    """Where a store left the model.

    The same run with `seed` and `first=episode` does it again as its first episode. `commands` are
    those of the episode up to it.
    """

    store: str
    seed: int
    episode: int
    step: int
    problem: str
    commands: tuple[Command, ...] = attrs.field(repr=False)


@attrs.frozen
class StepsRun:
    """How many commands were done to every store, and where one left the model."""

    seed: int
    steps: int
    episodes: int
    stores: tuple[str, ...]
    divergences: tuple[Divergence, ...]


def run_steps(
    stores: Several,
    steps: int,
    seed: int = 0,
    *,
    first: int = 0,
    compare_every: int = 5,
    most_divergences: int = 20,
) -> StepsRun:
    """Do `steps` random commands to each store and to a MemoryStore, and compare what they say.

    The answer to every command is compared, and all that the stores hold after every
    `compare_every` commands. The same seed gives the same commands. A divergence ends its episode;
    after `most_divergences` of them the run ends, too.
    """
    names = tuple(as_stores(stores))
    found: list[Divergence] = []
    done, episode = 0, first
    while done < steps and len(found) < most_divergences:
        length = min(EPISODE, steps - done)
        count, divergence = _episode(stores, length, seed, episode, compare_every)
        done += count
        if divergence is not None:
            found.append(divergence)
        episode += 1
    return StepsRun(seed, done, episode - first, names, tuple(found))


def _episode(
    stores: Several, length: int, seed: int, episode: int, every: int
) -> tuple[int, Divergence | None]:
    random = Random(f"{seed}/{episode}")
    agreement = Agreement(stores)
    commands: list[Command] = []
    try:
        for number in range(1, length + 1):
            commands.append(a_command(random))
            try:
                agreement.do(commands[-1])
                if number % every == 0 or number == length:
                    agreement.compare()
            except Exception as error:
                who = error.store if isinstance(error, Disagreement) else "?"
                said = str(error) if isinstance(error, CaseFailed) else repr(error)
                return number, Divergence(who, seed, episode, number, said, tuple(commands))
    finally:
        agreement.close()
    return length, None
