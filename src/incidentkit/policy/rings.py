"""Things that lead back to themselves: members of members, services that rest on each other.

One walk over everything finds them, so that a document of many names costs no more than its size.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping


def rings(graph: Mapping[str, Collection[str]]) -> Iterator[tuple[str, ...]]:
    """A ring for each place where the walk comes back to where it has been: `('a', 'b', 'a')`.

    >>> list(rings({"a": ["b"], "b": ["c", "a"], "c": []}))
    [('a', 'b', 'a')]
    """
    done: set[str] = set()
    for start in graph:
        if start in done:
            continue
        way: dict[str, Iterator[str]] = {start: iter(graph[start])}
        while way:
            here = next(reversed(way))
            there = next(way[here], None)
            if there is None:
                done.add(here)
                del way[here]
            elif there in way:
                names = list(way)
                yield (*names[names.index(there) :], there)
            elif there not in done:
                way[there] = iter(graph.get(there, ()))
