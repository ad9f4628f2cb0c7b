"""Small histories in the form of ServiceNow's log, with all that is odd about it; and a count of
what a log comes to that shares no line with the library."""

from __future__ import annotations

import csv
import gzip
import io
import random
import statistics
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

HEADER = (
    *("number", "incident_state", "active", "reassignment_count", "reopen_count"),
    *("sys_mod_count", "made_sla", "caller_id", "opened_by", "opened_at", "sys_created_by"),
    *("sys_created_at", "sys_updated_by", "sys_updated_at", "contact_type", "location"),
    *("category", "subcategory", "u_symptom", "cmdb_ci", "impact", "urgency", "priority"),
    *("assignment_group", "assigned_to", "knowledge", "u_priority_confirmation", "notify"),
    *("problem_id", "rfc", "vendor", "caused_by", "closed_code", "resolved_by"),
    *("resolved_at", "closed_at"),
)
DATES = {"opened_at", "sys_created_at", "sys_updated_at", "resolved_at", "closed_at"}
FIRST = {
    "number": "INC0000001",
    "incident_state": "New",
    "active": "true",
    "reassignment_count": "0",
    "reopen_count": "0",
    "sys_mod_count": "0",
    "made_sla": "true",
    "caller_id": "Caller 2",
    "opened_by": "Opened by  8",
    "opened_at": "29/2/2016 01:16",
    "sys_created_by": "Created by 6",
    "sys_created_at": "29/2/2016 01:23",
    "sys_updated_by": "Updated by 21",
    "sys_updated_at": "29/2/2016 01:23",
    "contact_type": "Phone",
    "location": "Location 143",
    "category": "Category 55",
    "subcategory": "Subcategory 170",
    "u_symptom": "Symptom 72",
    "cmdb_ci": "?",
    "impact": "2 - Medium",
    "urgency": "2 - Medium",
    "priority": "3 - Moderate",
    "assignment_group": "Group 56",
    "assigned_to": "?",
    "knowledge": "true",
    "u_priority_confirmation": "false",
    "notify": "Do Not Notify",
    "problem_id": "?",
    "rfc": "?",
    "vendor": "?",
    "caused_by": "?",
    "closed_code": "code 5",
    "resolved_by": "Resolved by 149",
    "resolved_at": "29/2/2016 11:29",
    "closed_at": "5/3/2016 12:00",
}
Row = dict[str, str]


def case(*steps: dict[str, str], **first: str) -> list[Row]:
    """The rows of one case: each step changes the row before it."""
    row = {**FIRST, **first}
    rows = [row]
    for number, step in enumerate(steps, 1):
        row = {**row, "sys_mod_count": str(number), **step}
        rows.append(row)
    return rows


def step(at: str, state: str = "", by: str = "", **more: str) -> dict[str, str]:
    """What a row changes; `at` is written `29/2 01:16`, in 2016."""
    day, _, time = at.partition(" ")
    found = {"sys_updated_at": f"{day}/2016 {time}", **more}
    if state:
        found["incident_state"] = state
    if by:
        found["sys_updated_by"] = by
    return found


PLAIN = case(
    step("29/2 08:53", "Resolved", "Updated by 642"),
    step("29/2 11:29", by="Updated by 804"),
    step("5/3 12:00", "Closed", "Updated by 908", active="false"),
)
REOPENED = case(
    step("29/2 05:30", "Active", assigned_to="Resolver 31", reassignment_count="1"),
    step("29/2 05:30", "Awaiting User Info", impact="1 - High", urgency="1 - High"),
    step("29/2 06:00", "-100", priority="1 - Critical", assigned_to="?"),
    step("29/2 07:00", "Active", category="?", u_symptom="Symptom 9"),
    step("29/2 08:00", "Resolved"),
    step("29/2 09:00", "Active", reopen_count="1", made_sla="false"),
    step("29/2 08:59", "Awaiting Problem"),
    step("29/2 10:00", "Awaiting Problem", reopen_count="0"),
    step("29/2 11:29", "Resolved"),
    step("29/2 12:00", "Closed"),
    step("29/2 12:30", "Closed"),
    step("1/3 12:00", "Active"),
    step("2/3 12:00", "Resolved"),
    step("5/3 12:00", "Closed"),
    number="INC0000002",
    sys_updated_at="29/2/2016 01:16",
)
WAITING = case(
    step("29/2 01:16", "Awaiting Vendor", vendor="Vendor 1", caller_id="Caller 9"),
    number="INC0000003",
    resolved_at="?",
    closed_at="?",
    made_sla="?",
    impact="?",
    priority="?",
    caller_id="?",
)
QUIRKS = [*PLAIN, *REOPENED, *WAITING]


def other_dialect(rows: Iterable[Row]) -> list[Row]:
    """The same rows as another tool writes them: 29-02-2016 01:16 and TRUE."""

    def cell(column: str, word: str) -> str:
        if column in DATES and word != "?":
            at = datetime.strptime(word, "%d/%m/%Y %H:%M")  # noqa: DTZ007
            return f"{at:%d-%m-%Y %H:%M}"
        return word.upper() if word in ("true", "false") else word

    return [{column: cell(column, word) for column, word in row.items()} for row in rows]


def text(rows: Iterable[Row]) -> str:
    """The rows as a CSV file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def written(path: Path, rows: Iterable[Row]) -> Path:
    """The rows in a file, gzipped where its name says so."""
    data = text(rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def many(cases: int, seed: int = 1) -> list[Row]:
    """A history of so many cases, drawn by chance, grouped by case."""
    chance = random.Random(seed)
    rows: list[Row] = []
    for number in range(cases):
        at = datetime(2016, 3, 1) + timedelta(minutes=chance.randrange(9_000))  # noqa: DTZ001
        opened = f"{at.day}/{at.month}/{at:%Y %H:%M}"
        steps: list[dict[str, str]] = []
        for _ in range(chance.randrange(1, 9)):
            at += timedelta(minutes=chance.randrange(90))
            state = chance.choice(["New", "Active", "Awaiting Vendor", "Resolved", "-100"])
            group = f"Group {chance.randrange(5)}"
            when = f"{at.day}/{at.month} {at:%H:%M}"
            steps.append(
                step(when, state, f"Updated by {chance.randrange(9)}", assignment_group=group)
            )
        level = chance.choice(["1 - High", "2 - Medium", "3 - Low"])
        rows += case(
            *steps,
            number=f"INC{1_000 + number:07}",
            opened_at=opened,
            sys_updated_at=opened,
            urgency=level,
            priority="?",
        )
    return rows


UNKNOWN = {"?", "-100"}


def counted(path: Path) -> dict[str, Any]:
    """What a log comes to, by nothing but csv and sums."""
    opener: Any = gzip.open if path.suffix == ".gz" else Path.open
    cases: dict[str, list[Row]] = {}
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cases.setdefault(row["number"], []).append(row)
    priorities: Counter[str] = Counter()
    moves: Counter[str] = Counter()
    hours: dict[str, list[float]] = {}
    reopened = reassignments = met = 0
    for rows in cases.values():
        known: Row = {}
        ever = False
        for row in rows:
            state = row["incident_state"]
            before = known.get("incident_state")
            if state not in UNKNOWN and before is not None and before != state:
                moves[f"{before} -> {state}"] += 1
            known.update({k: v for k, v in row.items() if v not in UNKNOWN})
            ever = ever or int(row["reopen_count"]) > 0
        priority = f"P{known['priority'][0]}"
        priorities[priority] += 1
        reopened += ever
        reassignments += int(known["reassignment_count"])
        met += known["made_sla"].lower() == "true"
        if "resolved_at" in known:
            took = _at(known["resolved_at"]) - _at(known["opened_at"])
            hours.setdefault(priority, []).append(took.total_seconds() / 3600)
    every = [x for each in hours.values() for x in each]
    return {
        "incidents": len(cases),
        "rows": sum(map(len, cases.values())),
        "by_priority": {f"P{x}": priorities[f"P{x}"] for x in range(1, 6)},
        "reopened": reopened,
        "reassignments": reassignments,
        "resolved": len(every),
        "mttr_hours": {
            **_hours(every),
            "by_priority": {f"P{x}": _hours(hours.get(f"P{x}", [])) for x in range(1, 6)},
        },
        "met_sla_share": met / len(cases),
        "moves": dict(moves),
    }


def _at(text: str) -> datetime:
    return datetime.strptime(text.replace("-", "/"), "%d/%m/%Y %H:%M")  # noqa: DTZ007


def _hours(values: list[float]) -> dict[str, float | int | None]:
    if not values:
        return {"n": 0, "mean": None, "median": None}
    return {
        "n": len(values),
        "mean": round(sum(values) / len(values), 9),
        "median": round(statistics.median(values), 9),
    }


def rounded(report: Any) -> Any:
    """The report with its times rounded, so that sums in another order compare equal."""
    if isinstance(report, dict):
        return {key: rounded(value) for key, value in report.items()}
    return round(report, 9) if isinstance(report, float) else report
