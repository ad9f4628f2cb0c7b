"""Joins reports of several runs into one: pieces of an experiment are added up.

A full proof takes hours, so it may be run in pieces: some experiments today and others tomorrow, or
one of them with several seeds. Each piece keeps its commit, its versions and its machine. A piece
that is given twice (same experiment, store and seed) counts once: the one that stands later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.proof.experiment import MOST_TOLD, Experiment, bound

KEPT = ("seed", "asked", "n", "failures", "figures", "at", "seconds")
"""What a piece keeps of its own."""
SAID = ("id", "title", "criterion", "store")


def joined(paths: Sequence[Path], wanted: Mapping[str, Experiment]) -> dict[str, Any]:
    """One report of several. `wanted` are the experiments that there are."""
    pieces: dict[tuple[str, str], dict[int, dict[str, Any]]] = {}
    last: dict[tuple[str, str], dict[str, Any]] = {}
    absent: set[str] = set()
    for path in paths:
        report = json.loads(path.read_text(encoding="utf-8"))
        absent |= set(report["absent"])
        for each in report["experiments"]:
            pair = (each["id"], each["store"])
            for piece in each.get("pieces") or [piece_of(each, report)]:
                pieces.setdefault(pair, {})[piece["seed"]] = piece
            last[pair] = each
    order = [(id_, store) for id_, one in wanted.items() for store in one.stores]
    order += [pair for pair in pieces if pair not in order]
    added = [added_up(last[pair], list(pieces[pair].values())) for pair in order if pair in pieces]
    lacking = [text for pair in order if (text := lack(pair, pieces, wanted))]
    return {
        "joined": [path.name for path in paths],
        "commits": sorted({x["versions"]["commit"] for each in added for x in each["pieces"]}),
        "passed": bool(added) and all(each["passed"] for each in added),
        "lacking": lacking,
        "absent": sorted(absent),
        "experiments": added,
    }


def piece_of(said: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, Any]:
    """One run of one experiment, with where it was run."""
    versions = {**report["versions"], **({"server": said["server"]} if "server" in said else {})}
    return {
        **{name: said[name] for name in KEPT},
        "problems": said["problems"],
        "versions": versions,
        "machine": report["machine"],
    }


def added_up(said: Mapping[str, Any], pieces: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """An experiment over all its pieces: trials and failures are sums, figures stay apart."""
    n = sum(each["n"] for each in pieces)
    failures = sum(each["failures"] for each in pieces)
    return {
        **{name: said[name] for name in SAID},
        "seeds": [each["seed"] for each in pieces],
        "n": n,
        "failures": failures,
        "bound": bound(n, failures),
        "problems": [text for each in pieces for text in each["problems"]][:MOST_TOLD],
        "passed": not failures and all(each["n"] > 0 for each in pieces),
        "seconds": round(sum(each["seconds"] for each in pieces), 2),
        "pieces": [dict(each) for each in pieces],
    }


def lack(
    pair: tuple[str, str],
    pieces: Mapping[tuple[str, str], Mapping[int, Mapping[str, Any]]],
    wanted: Mapping[str, Experiment],
) -> str:
    """What an experiment lacks to its full form; nothing where it has been run in full."""
    if pair not in pieces:
        return f"{pair[0]} {pair[1]}: not run"
    full = wanted[pair[0]].full if pair[0] in wanted else 0
    asked = sum(each["asked"] for each in pieces[pair].values())
    return "" if asked >= full else f"{pair[0]} {pair[1]}: {asked} of {full}"


def table(report: Mapping[str, Any]) -> str:
    """A joined report as rows of a Markdown table."""
    lines = ["| | store | n | failures | rate below | seconds |", "|---|---|--:|--:|--:|--:|"]
    for each in report["experiments"]:
        ruled_out = "" if each["bound"] is None else f"{each['bound']:.2g}"
        lines.append(
            f"| {each['id']} | {each['store']} | {each['n']:,} | {each['failures']} "
            f"| {ruled_out} | {each['seconds']:.0f} |"
        )
    return "\n".join([*lines, *(f"\nlacking: {text}" for text in report["lacking"])]) + "\n"
