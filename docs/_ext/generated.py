"""Writes the generated parts of the reference into its pages before they are parsed.

A page holds a comment `<!-- generated: what argument -->`; it is replaced by Markdown made from
the code itself, so that what is shown cannot differ from what runs. A page that ought to be
complete and is not fails the build.
"""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import attrs
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

import incidentkit
from incidentkit import errors, testing
from incidentkit.model.review import ReviewState
from incidentkit.model.words import MaintenanceState
from incidentkit.policy.facts import ALERT_FACTS, EVENT_NAMES, INCIDENT_FACTS
from incidentkit.policy.load import load_policy
from incidentkit.policy.schema import description, json_schema, nodes
from incidentkit.rules import lifecycle, maintain, problem_lifecycle, review
from incidentkit.views import diagram

MARK = re.compile(r"<!-- generated: (\w+)(?: ([\w.]+))? -->")
WIDTH = 92

# --- life-cycles ----------------------------------------------------------------------------------


def machine(name: str) -> str:
    """A life-cycle as a table, and as Mermaid text for whoever wants to draw it."""
    return (
        f"{diagram.table(name)}\n"
        f"```{{details}} The same as a Mermaid diagram\n{diagram.mermaid(name)}```\n"
    )


_ALLOWED: dict[str, tuple[type[enum.StrEnum], Callable[[Any], tuple[str, ...]]]] = {
    "incident": (incidentkit.State, lifecycle.allowed),
    "problem": (incidentkit.ProblemState, problem_lifecycle.allowed),
    "maintenance": (MaintenanceState, maintain.allowed),
    "review": (ReviewState, review.allowed),
}


def allowed(name: str) -> str:
    """What may be done in each state."""
    states, moves = _ALLOWED[name]
    rows = [
        f"| {state.replace('_', ' ')} | {', '.join(f'`{x}`' for x in moves(state)) or 'nothing'} |"
        for state in states
    ]
    return "\n".join(("| in state | allowed |", "|---|---|", *rows, ""))


# --- the interface --------------------------------------------------------------------------------

GROUPS: dict[str, str] = {
    "desks": "Desk AsyncDesk Received",
    "records": (
        "Incident IncidentTask Problem KnownError Maintenance MaintenanceCard Silence Review "
        "FollowUp Delivery Message Contact "
        "Reason"
    ),
    "signals": "SourceRequest Alert Report Change Beat Answer AnswerVerb Receipt Rejected",
    "answers": "Sent Retry Refused",
    "incident_commands": (
        "Command Declare Accept Decline Triage Start Acknowledge Assign AddNote Reply Edit "
        "Prioritise Hold Resume Mitigate Observe Regress Resolve Close Reopen Cancel Correct "
        "TakeRole LeaveRole LinkTo Unlink Notify"
    ),
    "overlay_commands": (
        "ProposeMajor AcceptMajor RejectMajor StandDown Demote SetPublic MoveRegion SetStatus "
        "OfferHandover BriefHandover AcceptHandover DeclineHandover WithdrawHandover "
        "AddTask StartTask CompleteTask CancelTask AssignTask ReopenTask AttachChecklist "
        "PlaceLegalHold LiftLegalHold Redact MakePrivate LiftPrivacy BreakGlass"
    ),
    "relation_commands": (
        "Merge Unmerge Split MoveAlerts MoveReports OpenSuccessor ConfirmResolution "
        "RejectResolution"
    ),
    "scope_commands": (
        "StateAspect DropAspect AssessImpact WithdrawImpact RecordImpactInterval "
        "EndImpactInterval CorrectImpactInterval WithdrawImpactInterval MarkAffected "
        "ClearAffected InvolveOrganisation ReleaseOrganisation AddReference RemoveReference "
        "SetLabel Label Tlp impact_times"
    ),
    "findings_commands": (
        "AssertFact facts_as_known ProposeHypothesis JudgeHypothesis NameCause ConfirmCause "
        "RejectCause OfferWorkaround JudgeWorkaround DropWorkaround RecordDecision Attach "
        "HandOverAttachment LabelAttachment WithdrawAttachment"
    ),
    "maintenance_commands": (
        "PlanMaintenance ApproveMaintenance AnnounceMaintenance StartMaintenance "
        "VerifyMaintenance CompleteMaintenance RescheduleMaintenance ExtendMaintenance "
        "RollBackMaintenance CancelMaintenance EditMaintenance NoteMaintenance SilenceAlerts "
        "EndSilence"
    ),
    "review_commands": (
        "OpenReview EditReview AssignReview SubmitReview ReturnReview ApproveReview "
        "PublishReview ReviseReview WaiveReview AddFollowUp ChangeFollowUp CompleteFollowUp "
        "CancelFollowUp"
    ),
    "problem_commands": (
        "RaiseProblem Assess Analyse Fix Verify ResolveProblem CloseProblem Reanalyse AcceptRisk "
        "CancelProblem EditProblem AssignProblem PrioritiseProblem NoteProblem CorrectProblem "
        "StateCause WithdrawCause StateWorkaround WithdrawWorkaround CommunicateWorkaround "
        "CommunicateFix PublishKnownError ReviseKnownError RetireKnownError UseKnownError"
    ),
    "words": (
        "State Priority Response ProblemState ProblemMoment KnownErrorState Outcome CancelReason "
        "Moment LinkKind MessageKind "
        "AlertStatus AlertSeverity MajorState PublicState "
        "HandoverState IncidentTaskState ReportState MaintenanceState SilenceState ReviewState "
        "FollowUpState"
    ),
    "rules": (
        "prioritise Matrix Override due_at rerun Policy load_policy lint Service Criticality "
        "recurrence_preset"
    ),
    "languages": "Condition Template DocumentMapping FrozenMap",
    "views": (
        "Line Explanation ReviewPage to_markdown to_html to_json "
        "http_status problem_details Match Recurrence Recurring Pareto "
        "ParetoRow Hit Hits Suggestion Suggestions Repeat Overview Metric Metrics"
    ),
    "histories": "replay Imported refused_rows RefusedRow reported HistoryReport",
    "access": "Permission Opinion Party PartyKind FileDirectory InlineDirectory load_directory",
    "stores": "MemoryStore SqliteStore RowStore KeyStore FileBlobs MemoryBlobs Blob",
    "plugins": "hookimpl StoreFactory BlobFactory",
    "testing": "ManualTime",
    "errors": "errors IncidentKitError",
}
OPENED = ("Desk", "AsyncDesk")
"""Made by `open`, never by their constructor."""

PORTS = {
    "incidentkit.ports.source": ("Source", "SupportsItems"),
    "incidentkit.ports.channel": ("Channel", "AsyncChannel", "SupportsAnswers"),
    "incidentkit.ports.access": (
        "Directory",
        "SupportsMembers",
        "SupportsParties",
        "SupportsComplaint",
        "Authoriser",
        "Anchor",
    ),
    "incidentkit.ports.time": ("TimeSource",),
    "incidentkit.ports.store": ("Store", "SupportsDiagnosis"),
    "incidentkit.ports.search": (
        "SupportsSearch",
        "SupportsTally",
        "SupportsReindex",
    ),
    "incidentkit.ports.join": ("SupportsJoin", "SupportsAsyncJoin"),
    "incidentkit.ports.blobs": ("BlobStore", "SupportsBlobListing"),
    "incidentkit.ports.async_store": ("AsyncStore",),
}


def grouped() -> dict[str, str]:
    """The groups; `rest` is made of the public names that stand in none."""
    named = [name for names in GROUPS.values() for name in names.split()]
    public = {name for name in incidentkit.__all__ if name != "__version__"}
    wrong = sorted(set(named) - public) + sorted({x for x in named if named.count(x) > 1})
    if wrong:
        raise ExtensionError(f"docs/_ext/generated.py: gone, or in two groups: {wrong}")
    return {**GROUPS, "rest": " ".join(sorted(public - set(named)))}


def group(name: str) -> str:
    """All names of a group, each with its signature and the first lines of its docstring."""
    found = [entry(each, getattr(incidentkit, each)) for each in grouped()[name].split()]
    head = "## More\n\n" if name == "rest" and found else ""
    return head + "\n".join(found)


def ports(_: str) -> str:
    """The protocols that plugins implement."""
    found: list[str] = []
    for module, names in PORTS.items():
        there = __import__(module, fromlist=names)
        found += [entry(name, getattr(there, name), f"{module}.{name}") for name in names]
    return "\n".join(found)


def entry(name: str, value: Any, path: str = "") -> str:
    """One name."""
    parts = [f"### {name}", "", f"`{path}`\n" if path else "", paragraph(value), ""]
    if inspect.ismodule(value):
        return "\n".join(parts)
    if inspect.isclass(value) and issubclass(value, enum.Enum):
        return "\n".join((*parts, ", ".join(f"`{member.value}`" for member in value), ""))
    if inspect.isclass(value):
        bare = getattr(value, "_is_protocol", False) or issubclass(value, BaseException)
        if not bare and name not in OPENED:
            parts += code(name, value)
        parts += members(name, value)
    elif callable(value) and not hasattr(value, "project_name"):
        parts += code(name, value)
    return "\n".join(parts)


def paragraph(value: Any) -> str:
    """The first paragraph of a docstring, as one line."""
    text = inspect.getdoc(value) or ""
    return " ".join(text.split("\n\n")[0].split())


def code(name: str, value: Any) -> list[str]:
    """The signature in a block of its own."""
    try:
        return ["```text", signature(name, value), "```", ""]
    except ValueError:
        return []


def signature(name: str, value: Any) -> str:
    """The signature, broken into lines where it is long."""
    found = inspect.signature(value)
    parameters = [x for x in found.parameters.values() if x.name not in ("self", "cls")]
    shown: list[str] = []
    starred = False
    for each in parameters:
        if each.kind is each.KEYWORD_ONLY and not starred:
            shown.append("*")
        starred = starred or each.kind in (each.KEYWORD_ONLY, each.VAR_POSITIONAL)
        shown.append(plain(each))
    result = found.return_annotation
    end = "" if result in (found.empty, None, "None") else f" -> {plain_type(result)}"
    line = f"{name}({', '.join(shown)}){end}"
    if len(line) <= WIDTH:
        return line
    return "\n".join((f"{name}(", *(f"    {each}," for each in shown), f"){end}"))


def plain(parameter: inspect.Parameter) -> str:
    """A parameter with its type and default, without addresses."""
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    text = stars + parameter.name
    if parameter.annotation is not parameter.empty:
        text += f": {plain_type(parameter.annotation)}"
    if parameter.default is parameter.empty:
        return text
    default = parameter.default
    known = default is None or isinstance(default, bool | int | str | tuple | frozenset)
    shown = repr(str(default)) if isinstance(default, enum.Enum) else repr(default)
    if not known or " object at " in shown or len(shown) > 30:
        shown = "..."
    return f"{text} = {shown}"


def plain_type(annotation: Any) -> str:
    """A type as it is written in the source."""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z])", "", text)


def members(name: str, value: type) -> list[str]:
    """The public methods and properties, as a table, inherited ones included."""
    rows = [
        f"| {member(name, each, found)} | {cell(paragraph(found) or inherited(value, each))} |"
        for each, found in public(value)
    ]
    return ["| member | |", "|---|---|", *rows, ""] if rows else []


def inherited(value: type, name: str) -> str:
    """What a base says of a member that says nothing itself."""
    for base in value.__mro__:
        if name in vars(base) and (said := paragraph(vars(base)[name])):
            return said
    return ""


def public(value: type) -> Iterator[tuple[str, Any]]:
    """Methods and properties in the order of their definition, bases last."""
    seen: set[str] = set()
    fields = {field.name for field in attrs.fields(value)} if attrs.has(value) else set[str]()
    for base in value.__mro__:
        if not base.__module__.startswith("incidentkit"):
            continue
        for name, found in vars(base).items():
            if name.startswith("_") or name in seen or name in fields:
                continue
            if isinstance(found, property | classmethod | staticmethod) or inspect.isfunction(
                found
            ):
                seen.add(name)
                yield name, found


def member(owner: str, name: str, found: Any) -> str:
    """A method with its arguments, without types, or a property."""
    if isinstance(found, property):
        return f"`{name}`"
    function = found.__func__ if isinstance(found, classmethod | staticmethod) else found
    shown: list[str] = []
    starred = False
    for each in inspect.signature(function).parameters.values():
        if each.name in ("self", "cls"):
            continue
        if each.kind is each.KEYWORD_ONLY and not starred:
            shown.append("*")
            starred = True
        stars = {each.VAR_POSITIONAL: "*", each.VAR_KEYWORD: "**"}.get(each.kind, "")
        default = "" if each.default is each.empty else "="
        shown.append(f"{stars}{each.name}{default}")
    waits = "await " if inspect.iscoroutinefunction(function) else ""
    return f"`{waits}{name}({', '.join(shown)})`"


def cell(text: str) -> str:
    """Text that may stand in a table."""
    return text.replace("|", r"\|")


# --- errors, policy -------------------------------------------------------------------------------


def error_tree(_: str) -> str:
    """The tree, each error with the first line of what it says of itself."""
    lines = ["```text"]

    def write(kind: type[errors.IncidentKitError], depth: int) -> None:
        lines.append(f"{'  ' * depth}{kind.__name__}")
        for below in kind.__subclasses__():
            if below.__module__ == errors.__name__:
                write(below, depth + 1)

    write(errors.IncidentKitError, 0)
    return "\n".join((*lines, "```", ""))


def check_errors(page: str) -> None:
    """Every error is spoken of."""
    kinds = [
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.IncidentKitError)
    ]
    missing = [name for name in kinds if f"`{name}`" not in page]
    if missing:
        raise ExtensionError(f"docs/reference/errors.md says nothing of {missing}")


def shipped(place: str) -> str:
    """The text of a profile or matrix that comes with the library."""
    return resources.files("incidentkit.policy").joinpath(f"{place}.toml").read_text("utf-8")


def policy_file(place: str) -> str:
    """A profile or matrix, as it is shipped; `profiles.sre`."""
    text = shipped(place.replace(".", "/"))
    load_policy(text)
    return f"```toml\n{text}```\n"


def policy_keys(name: str) -> str:
    """The keys of one section as a table, from the very schema; `top`: those in no table."""
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for path, node in sorted(nodes(json_schema()), key=lambda each: name == "top" and each[0]):
        top = len(path) == 1
        if not top if name == "top" else path[0] != name or top:
            continue
        if path[1:] == ("*",) or (path[-1] == "*" and not node.get("description")):
            continue  # the table under a name, or a place in a list: its keys follow
        below = path[2:] if path[1:2] == ("*",) else path[1:]
        shown = path[0] if top else ".".join("NAME" if x == "*" else x for x in below)
        default = node.get("default")
        rows.append(
            f"| `{shown}` | {cell(valued(node))} | {cell(written(default))} | "
            f"{cell(str(node.get('description', '')))} |"
        )
    if len(rows) == 2:
        raise ExtensionError(f"docs/reference/policy.md: the policy has no section {name!r}")
    return "\n".join((*rows, ""))


def valued(node: dict[str, Any]) -> str:
    """What may stand at a key, in words."""
    if "anyOf" in node:
        return " or ".join(dict.fromkeys(valued(each) for each in node["anyOf"]))
    if "const" in node:
        return "`false`: none"
    if "enum" in node:
        return ", ".join(f"`{each}`" for each in node["enum"] if each)
    if node.get("type") == "array":
        items = node["items"]
        if items.get("type") == "object":
            return "list of tables"
        return "list of texts" if "enum" not in items else f"list of {valued(items)}"
    if node.get("type") == "integer" and "minimum" in node:
        most = f" to {node['maximum']}" if "maximum" in node else " or more"
        return f"{node['minimum']}{most}"
    kinds = {"string": "text", "boolean": "true or false", "integer": "whole number"}
    if "pattern" in node:
        return "term"
    return kinds.get(node.get("type", ""), "table")


def written(value: object) -> str:
    """A default as it is written in TOML; nothing where there is none."""
    if value is None or value in ("", []):
        return ""
    if isinstance(value, list):
        return ", ".join(f"`{each}`" for each in value if not isinstance(each, dict))
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def policy_rest(_: str) -> str:
    """Sections that have no heading of their own in the page."""
    page = (Path(__file__).parents[1] / "reference" / "policy.md").read_text("utf-8")
    tables = [path[0] for path, node in nodes(json_schema()) if len(path) == 1 and inner(node)]
    named = set(re.findall(r"generated: policy_keys (\w+)", page))
    found: list[str] = []
    for name in tables:
        if name not in named:
            about = description((name,))
            found += [f"## `{name}`", "", about, "", policy_keys(name)]
    return "\n".join(found)


def inner(node: dict[str, Any]) -> bool:
    """Whether a key holds a table, or tables."""
    return next(iter(nodes(node)), None) is not None


def policy_facts(kind: str) -> str:
    """What conditions may ask: the names and types of the typed registry."""
    facts = {"alert": ALERT_FACTS, "incident": INCIDENT_FACTS}[kind].facts
    rows = [f"| `{name}` | {each.value} |" for name, each in facts.items()]
    return "\n".join(("| fact | type |", "|---|---|", *rows, ""))


def policy_events(_: str) -> str:
    """The events that may owe a notice."""
    return ", ".join(f"`{each}`" for each in EVENT_NAMES) + ".\n Every"


# --- conformance ----------------------------------------------------------------------------------


def cases(contract: str) -> str:
    """Every case of a contract: its id, what it asks for, what it needs."""
    every: dict[str, Callable[[], tuple[testing.Case[Any], ...]]] = {
        "store": testing.store_cases,
        "channel": testing.channel_cases,
        "source": testing.source_cases,
        "directory": testing.directory_cases,
        "authoriser": testing.authoriser_cases,
        "blobs": testing.blob_cases,
    }
    rows = ["| case | it asks for | needs |", "|---|---|---|"]
    for case in every[contract]():
        needs = ", ".join(f"`{each}`" for each in case.requires)
        advice = " (advisory)" if case.advisory else ""
        rows.append(f"| `{case.id}`{advice} | {cell(case.sentence)} | {needs} |")
    return "\n".join((*rows, ""))


# --- the command line -----------------------------------------------------------------------------


def commands(_: str) -> str:
    """The help of every command, as the parser itself prints it."""
    import argparse
    import os

    from incidentkit.cli.main import make_parser

    os.environ["COLUMNS"] = "92"
    os.environ["NO_COLOR"] = "1"  # newer interpreters colour help texts
    parser = make_parser()
    found: list[str] = []
    for action in parser._subparsers._group_actions if parser._subparsers else ():
        if not isinstance(action, argparse._SubParsersAction):
            continue
        told = {each.dest: each.help or "" for each in action._choices_actions}
        for name, each in action.choices.items():
            found += [f"## {name}", "", sentence(told.get(name, "")), ""]
            found += ["```text", each.format_help().rstrip(), "```", ""]
            for below in each._subparsers._group_actions if each._subparsers else ():
                for inner_name, one in (below.choices or {}).items():
                    found += [f"### {name} {inner_name}", ""]
                    found += ["```text", one.format_help().rstrip(), "```", ""]
    return "\n".join(found)


def sentence(text: str) -> str:
    """The text with a capital letter and a full stop."""
    return text if text.endswith((".", "?")) else f"{text[:1].upper()}{text[1:]}."


MAKERS: dict[str, Callable[[str], str]] = {
    "machine": machine,
    "allowed": allowed,
    "group": group,
    "ports": ports,
    "error_tree": error_tree,
    "policy_file": policy_file,
    "policy_keys": policy_keys,
    "policy_rest": policy_rest,
    "policy_facts": policy_facts,
    "policy_events": policy_events,
    "cases": cases,
    "commands": commands,
}
CHECKS = {"reference/errors": check_errors}


def write_in(app: Sphinx, page: str, source: list[str]) -> None:
    """Replace the marks of a page."""
    source[0] = MARK.sub(lambda found: MAKERS[found[1]](found[2] or ""), source[0])
    if page in CHECKS:
        CHECKS[page](source[0])


# --- what folds away ------------------------------------------------------------------------------


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    from docutils import nodes
    from docutils.parsers.rst import Directive

    class Details(Directive):
        """A block of text that is shown when somebody asks for it."""

        has_content = True
        required_arguments = 1
        final_argument_whitespace = True

        def run(self) -> list[nodes.Node]:
            text = "\n".join(self.content) + "\n"
            block = nodes.literal_block(text, text, language="text")
            head = f"<details><summary>{self.arguments[0]}</summary>"
            return [
                nodes.raw("", head, format="html"),
                block,
                nodes.raw("", "</details>", format="html"),
            ]

    app.add_directive("details", Details)
    app.connect("source-read", write_in)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
