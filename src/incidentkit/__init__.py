"""incidentkit: the incident-management domain as a library.

Every name here is imported at its first use, so that `import incidentkit` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from incidentkit import errors as errors
    from incidentkit.desk.async_desk import AsyncDesk as AsyncDesk
    from incidentkit.desk.desk import Desk as Desk
    from incidentkit.errors import IncidentKitError as IncidentKitError
    from incidentkit.flows.receive import Received as Received
    from incidentkit.lang.conditions import Condition as Condition
    from incidentkit.lang.mappings import DocumentMapping as DocumentMapping
    from incidentkit.lang.templates import Template as Template
    from incidentkit.model.delivery import Delivery as Delivery
    from incidentkit.model.delivery import Message as Message
    from incidentkit.model.delivery import Refused as Refused
    from incidentkit.model.delivery import Retry as Retry
    from incidentkit.model.delivery import Sent as Sent
    from incidentkit.model.frozen import FrozenMap as FrozenMap
    from incidentkit.model.incident import Incident as Incident
    from incidentkit.model.people import Contact as Contact
    from incidentkit.model.problem import Problem as Problem
    from incidentkit.model.reason import Reason as Reason
    from incidentkit.model.signals import Alert as Alert
    from incidentkit.model.signals import Answer as Answer
    from incidentkit.model.signals import AnswerVerb as AnswerVerb
    from incidentkit.model.signals import Beat as Beat
    from incidentkit.model.signals import Change as Change
    from incidentkit.model.signals import Receipt as Receipt
    from incidentkit.model.signals import Rejected as Rejected
    from incidentkit.model.signals import Report as Report
    from incidentkit.model.signals import SourceRequest as SourceRequest
    from incidentkit.model.words import AlertSeverity as AlertSeverity
    from incidentkit.model.words import AlertStatus as AlertStatus
    from incidentkit.model.words import CancelReason as CancelReason
    from incidentkit.model.words import LinkKind as LinkKind
    from incidentkit.model.words import MessageKind as MessageKind
    from incidentkit.model.words import Moment as Moment
    from incidentkit.model.words import Outcome as Outcome
    from incidentkit.model.words import Priority as Priority
    from incidentkit.model.words import ProblemState as ProblemState
    from incidentkit.model.words import Response as Response
    from incidentkit.model.words import State as State
    from incidentkit.plugins.hookspecs import hookimpl as hookimpl
    from incidentkit.plugins.store_factory import StoreFactory as StoreFactory
    from incidentkit.policy.document import Policy as Policy
    from incidentkit.policy.load import load as load_policy
    from incidentkit.rules.authorise import Opinion as Opinion
    from incidentkit.rules.authorise import Permission as Permission
    from incidentkit.rules.prioritise import Matrix as Matrix
    from incidentkit.rules.prioritise import prioritise as prioritise
    from incidentkit.rules.clocks import due_at as due_at
    from incidentkit.rules.rerun import rerun as rerun
    from incidentkit.testing.time import ManualTime as ManualTime
    from incidentkit.stores.key_store import KeyStore as KeyStore
    from incidentkit.stores.memory import MemoryStore as MemoryStore
    from incidentkit.stores.row_store import RowStore as RowStore
    from incidentkit.stores.sqlite.store import SqliteStore as SqliteStore

_PLACES = {
    "desk.async_desk": "AsyncDesk",
    "desk.desk": "Desk",
    "errors": "IncidentKitError",
    "flows.receive": "Received",
    "lang.conditions": "Condition",
    "lang.mappings": "DocumentMapping",
    "lang.templates": "Template",
    "model.delivery": "Delivery Message Refused Retry Sent",
    "model.frozen": "FrozenMap",
    "model.incident": "Incident",
    "model.people": "Contact",
    "model.problem": "Problem",
    "model.reason": "Reason",
    "model.signals": "Alert Answer AnswerVerb Beat Change Receipt Rejected Report SourceRequest",
    "model.words": (
        "AlertSeverity AlertStatus CancelReason LinkKind MessageKind Moment Outcome Priority "
        "ProblemState Response State"
    ),
    "plugins.hookspecs": "hookimpl",
    "plugins.store_factory": "StoreFactory",
    "policy.document": "Policy",
    "policy.load": "load_policy=load",
    "rules.authorise": "Opinion Permission",
    "rules.clocks": "due_at",
    "rules.prioritise": "Matrix prioritise",
    "rules.rerun": "rerun",
    "stores.key_store": "KeyStore",
    "stores.memory": "MemoryStore",
    "stores.row_store": "RowStore",
    "stores.sqlite.store": "SqliteStore",
    "testing.time": "ManualTime",
}
_HOMES = {
    name.partition("=")[0]: (f"incidentkit.{module}", name.partition("=")[2] or name)
    for module, names in _PLACES.items()
    for name in names.split()
}

__version__ = "0.1.0.dev0"
__all__ = ["__version__", "errors", *sorted(_HOMES)]  # noqa: PLE0604  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None and name != "errors":
        raise AttributeError(f"module 'incidentkit' has no attribute {name!r}")
    from importlib import import_module

    if home is None:
        return import_module("incidentkit.errors")
    value = getattr(import_module(home[0]), home[1])
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
