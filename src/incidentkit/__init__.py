"""incidentkit: the incident-management domain as a library.

Every name here is imported at its first use, so that `import incidentkit` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from incidentkit import errors as errors
    from incidentkit.channels.console import ConsoleChannel as ConsoleChannel
    from incidentkit.channels.file import FileChannel as FileChannel
    from incidentkit.channels.memory import MemoryChannel as MemoryChannel
    from incidentkit.desk.async_desk import AsyncDesk as AsyncDesk
    from incidentkit.desk.desk import Desk as Desk
    from incidentkit.desk.directory_file import FileDirectory as FileDirectory
    from incidentkit.desk.inline import InlineDirectory as InlineDirectory
    from incidentkit.desk.replaying import Imported as Imported
    from incidentkit.desk.replaying import refused_rows as refused_rows
    from incidentkit.desk.replaying import replay as replay
    from incidentkit.desk.replaying import reported as reported
    from incidentkit.desk.safeguards import Reconciled as Reconciled
    from incidentkit.desk.spool import Spool as Spool
    from incidentkit.desk.spool import SpoolState as SpoolState
    from incidentkit.errors import IncidentKitError as IncidentKitError
    from incidentkit.flows.importing import RefusedRow as RefusedRow
    from incidentkit.flows.loose_ends import Audit as Audit
    from incidentkit.flows.loose_ends import Lack as Lack
    from incidentkit.flows.loose_ends import LooseEnd as LooseEnd
    from incidentkit.flows.receive import Received as Received
    from incidentkit.flows.repeating import Repeat as Repeat
    from incidentkit.flows.searching import Hit as Hit
    from incidentkit.flows.searching import Hits as Hits
    from incidentkit.flows.suggesting import Suggestion as Suggestion
    from incidentkit.flows.suggesting import Suggestions as Suggestions
    from incidentkit.lang.conditions import Condition as Condition
    from incidentkit.lang.mappings import DocumentMapping as DocumentMapping
    from incidentkit.lang.templates import Template as Template
    from incidentkit.model.attachment_changes import Attach as Attach
    from incidentkit.model.attachment_changes import HandOverAttachment as HandOverAttachment
    from incidentkit.model.attachment_changes import LabelAttachment as LabelAttachment
    from incidentkit.model.attachment_changes import WithdrawAttachment as WithdrawAttachment
    from incidentkit.model.custody_changes import LiftLegalHold as LiftLegalHold
    from incidentkit.model.custody_changes import PlaceLegalHold as PlaceLegalHold
    from incidentkit.model.custody_changes import Redact as Redact
    from incidentkit.model.delivery import Delivery as Delivery
    from incidentkit.model.delivery import Message as Message
    from incidentkit.model.delivery import Refused as Refused
    from incidentkit.model.delivery import Retry as Retry
    from incidentkit.model.delivery import Sent as Sent
    from incidentkit.model.fact_changes import AssertFact as AssertFact
    from incidentkit.model.findings_changes import ConfirmCause as ConfirmCause
    from incidentkit.model.findings_changes import DropWorkaround as DropWorkaround
    from incidentkit.model.findings_changes import JudgeHypothesis as JudgeHypothesis
    from incidentkit.model.findings_changes import JudgeWorkaround as JudgeWorkaround
    from incidentkit.model.findings_changes import NameCause as NameCause
    from incidentkit.model.findings_changes import OfferWorkaround as OfferWorkaround
    from incidentkit.model.findings_changes import ProposeHypothesis as ProposeHypothesis
    from incidentkit.model.findings_changes import RecordDecision as RecordDecision
    from incidentkit.model.findings_changes import RejectCause as RejectCause
    from incidentkit.model.frozen import FrozenMap as FrozenMap
    from incidentkit.model.handover_changes import AcceptHandover as AcceptHandover
    from incidentkit.model.handover_changes import BriefHandover as BriefHandover
    from incidentkit.model.handover_changes import DeclineHandover as DeclineHandover
    from incidentkit.model.handover_changes import OfferHandover as OfferHandover
    from incidentkit.model.handover_changes import WithdrawHandover as WithdrawHandover
    from incidentkit.model.hosting import Dispute as Dispute
    from incidentkit.model.hosting import Enrolment as Enrolment
    from incidentkit.model.hosting import Exchange as Exchange
    from incidentkit.model.hosting import TicketMove as TicketMove
    from incidentkit.model.hosting import TicketNote as TicketNote
    from incidentkit.model.hosting_changes import SetMode as SetMode
    from incidentkit.model.impact_changes import AssessImpact as AssessImpact
    from incidentkit.model.impact_changes import CorrectImpactInterval as CorrectImpactInterval
    from incidentkit.model.impact_changes import EndImpactInterval as EndImpactInterval
    from incidentkit.model.impact_changes import RecordImpactInterval as RecordImpactInterval
    from incidentkit.model.impact_changes import WithdrawImpact as WithdrawImpact
    from incidentkit.model.impact_changes import WithdrawImpactInterval as WithdrawImpactInterval
    from incidentkit.model.incident import Incident as Incident
    from incidentkit.model.incident_commands import Accept as Accept
    from incidentkit.model.incident_commands import Acknowledge as Acknowledge
    from incidentkit.model.incident_commands import AddNote as AddNote
    from incidentkit.model.incident_commands import Assign as Assign
    from incidentkit.model.incident_commands import Cancel as Cancel
    from incidentkit.model.incident_commands import Close as Close
    from incidentkit.model.incident_commands import Command as Command
    from incidentkit.model.incident_commands import Correct as Correct
    from incidentkit.model.incident_commands import Declare as Declare
    from incidentkit.model.incident_commands import Decline as Decline
    from incidentkit.model.incident_commands import Edit as Edit
    from incidentkit.model.incident_commands import Hold as Hold
    from incidentkit.model.incident_commands import LeaveRole as LeaveRole
    from incidentkit.model.incident_commands import LinkTo as LinkTo
    from incidentkit.model.incident_commands import Mitigate as Mitigate
    from incidentkit.model.incident_commands import Notify as Notify
    from incidentkit.model.incident_commands import Observe as Observe
    from incidentkit.model.incident_commands import Prioritise as Prioritise
    from incidentkit.model.incident_commands import Regress as Regress
    from incidentkit.model.incident_commands import Reopen as Reopen
    from incidentkit.model.incident_commands import Reply as Reply
    from incidentkit.model.incident_commands import Resolve as Resolve
    from incidentkit.model.incident_commands import Resume as Resume
    from incidentkit.model.incident_commands import Start as Start
    from incidentkit.model.incident_commands import TakeRole as TakeRole
    from incidentkit.model.incident_commands import Triage as Triage
    from incidentkit.model.incident_commands import Unlink as Unlink
    from incidentkit.model.incident_commands import Watch as Watch
    from incidentkit.model.incident_task import IncidentTask as IncidentTask
    from incidentkit.model.incident_task_changes import AddTask as AddTask
    from incidentkit.model.incident_task_changes import AssignTask as AssignTask
    from incidentkit.model.incident_task_changes import AttachChecklist as AttachChecklist
    from incidentkit.model.incident_task_changes import CancelTask as CancelTask
    from incidentkit.model.incident_task_changes import CompleteTask as CompleteTask
    from incidentkit.model.incident_task_changes import ReopenTask as ReopenTask
    from incidentkit.model.incident_task_changes import StartTask as StartTask
    from incidentkit.model.known_error import KnownError as KnownError
    from incidentkit.model.known_error_changes import PublishKnownError as PublishKnownError
    from incidentkit.model.known_error_changes import RetireKnownError as RetireKnownError
    from incidentkit.model.known_error_changes import ReviseKnownError as ReviseKnownError
    from incidentkit.model.known_error_changes import UseKnownError as UseKnownError
    from incidentkit.model.labels import Label as Label
    from incidentkit.model.labels import Tlp as Tlp
    from incidentkit.model.maintenance import Maintenance as Maintenance
    from incidentkit.model.maintenance import MaintenanceCard as MaintenanceCard
    from incidentkit.model.maintenance_changes import AnnounceMaintenance as AnnounceMaintenance
    from incidentkit.model.maintenance_changes import ApproveMaintenance as ApproveMaintenance
    from incidentkit.model.maintenance_changes import CancelMaintenance as CancelMaintenance
    from incidentkit.model.maintenance_changes import CompleteMaintenance as CompleteMaintenance
    from incidentkit.model.maintenance_changes import EditMaintenance as EditMaintenance
    from incidentkit.model.maintenance_changes import ExtendMaintenance as ExtendMaintenance
    from incidentkit.model.maintenance_changes import NoteMaintenance as NoteMaintenance
    from incidentkit.model.maintenance_changes import PlanMaintenance as PlanMaintenance
    from incidentkit.model.maintenance_changes import RescheduleMaintenance as RescheduleMaintenance
    from incidentkit.model.maintenance_changes import RollBackMaintenance as RollBackMaintenance
    from incidentkit.model.maintenance_changes import StartMaintenance as StartMaintenance
    from incidentkit.model.maintenance_changes import VerifyMaintenance as VerifyMaintenance
    from incidentkit.model.major_changes import AcceptMajor as AcceptMajor
    from incidentkit.model.major_changes import Demote as Demote
    from incidentkit.model.major_changes import ProposeMajor as ProposeMajor
    from incidentkit.model.major_changes import RejectMajor as RejectMajor
    from incidentkit.model.major_changes import StandDown as StandDown
    from incidentkit.model.party import Party as Party
    from incidentkit.model.party import PartyKind as PartyKind
    from incidentkit.model.people import Contact as Contact
    from incidentkit.model.privacy_changes import BreakGlass as BreakGlass
    from incidentkit.model.privacy_changes import LiftPrivacy as LiftPrivacy
    from incidentkit.model.privacy_changes import MakePrivate as MakePrivate
    from incidentkit.model.problem import AcceptRisk as AcceptRisk
    from incidentkit.model.problem import Analyse as Analyse
    from incidentkit.model.problem import Assess as Assess
    from incidentkit.model.problem import CancelProblem as CancelProblem
    from incidentkit.model.problem import CloseProblem as CloseProblem
    from incidentkit.model.problem import Fix as Fix
    from incidentkit.model.problem import Problem as Problem
    from incidentkit.model.problem import RaiseProblem as RaiseProblem
    from incidentkit.model.problem import Reanalyse as Reanalyse
    from incidentkit.model.problem import ResolveProblem as ResolveProblem
    from incidentkit.model.problem import Verify as Verify
    from incidentkit.model.problem_changes import AssignProblem as AssignProblem
    from incidentkit.model.problem_changes import CommunicateFix as CommunicateFix
    from incidentkit.model.problem_changes import CommunicateWorkaround as CommunicateWorkaround
    from incidentkit.model.problem_changes import CorrectProblem as CorrectProblem
    from incidentkit.model.problem_changes import EditProblem as EditProblem
    from incidentkit.model.problem_changes import NoteProblem as NoteProblem
    from incidentkit.model.problem_changes import PrioritiseProblem as PrioritiseProblem
    from incidentkit.model.problem_changes import StateCause as StateCause
    from incidentkit.model.problem_changes import StateWorkaround as StateWorkaround
    from incidentkit.model.problem_changes import WithdrawCause as WithdrawCause
    from incidentkit.model.problem_changes import WithdrawWorkaround as WithdrawWorkaround
    from incidentkit.model.public_changes import SetPublic as SetPublic
    from incidentkit.model.reason import Reason as Reason
    from incidentkit.model.region_changes import MoveRegion as MoveRegion
    from incidentkit.model.relation_changes import Merge as Merge
    from incidentkit.model.relation_changes import MoveAlerts as MoveAlerts
    from incidentkit.model.relation_changes import MoveReports as MoveReports
    from incidentkit.model.relation_changes import OpenSuccessor as OpenSuccessor
    from incidentkit.model.relation_changes import Split as Split
    from incidentkit.model.relation_changes import Unmerge as Unmerge
    from incidentkit.model.report import ReportState as ReportState
    from incidentkit.model.report_changes import ConfirmResolution as ConfirmResolution
    from incidentkit.model.report_changes import RejectResolution as RejectResolution
    from incidentkit.model.review import FollowUp as FollowUp
    from incidentkit.model.review import FollowUpState as FollowUpState
    from incidentkit.model.review import Review as Review
    from incidentkit.model.review import ReviewState as ReviewState
    from incidentkit.model.review_changes import AddFollowUp as AddFollowUp
    from incidentkit.model.review_changes import ApproveReview as ApproveReview
    from incidentkit.model.review_changes import AssignReview as AssignReview
    from incidentkit.model.review_changes import CancelFollowUp as CancelFollowUp
    from incidentkit.model.review_changes import ChangeFollowUp as ChangeFollowUp
    from incidentkit.model.review_changes import CompleteFollowUp as CompleteFollowUp
    from incidentkit.model.review_changes import EditReview as EditReview
    from incidentkit.model.review_changes import OpenReview as OpenReview
    from incidentkit.model.review_changes import PublishReview as PublishReview
    from incidentkit.model.review_changes import ReturnReview as ReturnReview
    from incidentkit.model.review_changes import ReviseReview as ReviseReview
    from incidentkit.model.review_changes import SubmitReview as SubmitReview
    from incidentkit.model.review_changes import WaiveReview as WaiveReview
    from incidentkit.model.scope_changes import AddReference as AddReference
    from incidentkit.model.scope_changes import ClearAffected as ClearAffected
    from incidentkit.model.scope_changes import DropAspect as DropAspect
    from incidentkit.model.scope_changes import InvolveOrganisation as InvolveOrganisation
    from incidentkit.model.scope_changes import MarkAffected as MarkAffected
    from incidentkit.model.scope_changes import ReleaseOrganisation as ReleaseOrganisation
    from incidentkit.model.scope_changes import RemoveReference as RemoveReference
    from incidentkit.model.scope_changes import SetLabel as SetLabel
    from incidentkit.model.scope_changes import StateAspect as StateAspect
    from incidentkit.model.service import Criticality as Criticality
    from incidentkit.model.service import Service as Service
    from incidentkit.model.signals import Alert as Alert
    from incidentkit.model.signals import Answer as Answer
    from incidentkit.model.signals import AnswerVerb as AnswerVerb
    from incidentkit.model.signals import Beat as Beat
    from incidentkit.model.signals import Change as Change
    from incidentkit.model.signals import Receipt as Receipt
    from incidentkit.model.signals import Rejected as Rejected
    from incidentkit.model.signals import Report as Report
    from incidentkit.model.signals import SourceRequest as SourceRequest
    from incidentkit.model.silence import EndSilence as EndSilence
    from incidentkit.model.silence import Silence as Silence
    from incidentkit.model.silence import SilenceAlerts as SilenceAlerts
    from incidentkit.model.status_changes import SetStatus as SetStatus
    from incidentkit.model.words import AlertSeverity as AlertSeverity
    from incidentkit.model.words import AlertStatus as AlertStatus
    from incidentkit.model.words import CancelReason as CancelReason
    from incidentkit.model.words import HandoverState as HandoverState
    from incidentkit.model.words import IncidentTaskState as IncidentTaskState
    from incidentkit.model.words import KnownErrorState as KnownErrorState
    from incidentkit.model.words import LinkKind as LinkKind
    from incidentkit.model.words import MaintenanceState as MaintenanceState
    from incidentkit.model.words import MajorState as MajorState
    from incidentkit.model.words import MessageKind as MessageKind
    from incidentkit.model.words import Mode as Mode
    from incidentkit.model.words import Moment as Moment
    from incidentkit.model.words import Outcome as Outcome
    from incidentkit.model.words import Priority as Priority
    from incidentkit.model.words import ProblemMoment as ProblemMoment
    from incidentkit.model.words import ProblemState as ProblemState
    from incidentkit.model.words import PublicState as PublicState
    from incidentkit.model.words import Response as Response
    from incidentkit.model.words import SilenceState as SilenceState
    from incidentkit.model.words import State as State
    from incidentkit.plugins.hookspecs import hookimpl as hookimpl
    from incidentkit.plugins.store_factory import BlobFactory as BlobFactory
    from incidentkit.plugins.store_factory import StoreFactory as StoreFactory
    from incidentkit.policy.document import Policy as Policy
    from incidentkit.policy.lint import lint as lint
    from incidentkit.policy.load import load_policy as load_policy
    from incidentkit.policy.people import load_directory as load_directory
    from incidentkit.policy.presets import recurrence_preset as recurrence_preset
    from incidentkit.ports.backup import BackedUp as BackedUp
    from incidentkit.ports.blobs import Blob as Blob
    from incidentkit.ports.rows import QueuedTask as QueuedTask
    from incidentkit.ports.rows import TaskQuery as TaskQuery
    from incidentkit.ports.rows import TaskState as TaskState
    from incidentkit.ports.secret import Secret as Secret
    from incidentkit.rules.authorise import Opinion as Opinion
    from incidentkit.rules.authorise import Permission as Permission
    from incidentkit.rules.clocks import due_at as due_at
    from incidentkit.rules.downtime import counts_as_downtime as counts_as_downtime
    from incidentkit.rules.downtime import downtime as downtime
    from incidentkit.rules.downtime import planned_time as planned_time
    from incidentkit.rules.enrol import EnrolTerms as EnrolTerms
    from incidentkit.rules.impair import impact_times as impact_times
    from incidentkit.rules.lead_time import short_notice as short_notice
    from incidentkit.rules.match import Match as Match
    from incidentkit.rules.override import Override as Override
    from incidentkit.rules.ownership import Ownership as Ownership
    from incidentkit.rules.pareto import Pareto as Pareto
    from incidentkit.rules.pareto import ParetoRow as ParetoRow
    from incidentkit.rules.prioritise import Matrix as Matrix
    from incidentkit.rules.prioritise import prioritise as prioritise
    from incidentkit.rules.recur import Recurrence as Recurrence
    from incidentkit.rules.recur import Recurring as Recurring
    from incidentkit.rules.rerun import rerun as rerun
    from incidentkit.sources.alertmanager import Alertmanager as Alertmanager
    from incidentkit.sources.generic import GenericJson as GenericJson
    from incidentkit.stores.file_blobs import FileBlobs as FileBlobs
    from incidentkit.stores.joined import JoinedRowStore as JoinedRowStore
    from incidentkit.stores.key_store import KeyStore as KeyStore
    from incidentkit.stores.memory import MemoryStore as MemoryStore
    from incidentkit.stores.memory_blobs import MemoryBlobs as MemoryBlobs
    from incidentkit.stores.row_store import RowStore as RowStore
    from incidentkit.stores.rows import Collision as Collision
    from incidentkit.stores.rows import Rows as Rows
    from incidentkit.stores.sql_rows import SqlRows as SqlRows
    from incidentkit.stores.sqlite.store import SqliteStore as SqliteStore
    from incidentkit.stores.tables import FIXED_TABLES as FIXED_TABLES
    from incidentkit.stores.tables import TableSpec as TableSpec
    from incidentkit.testing.time import ManualTime as ManualTime
    from incidentkit.timing.intervals import Interval as Interval
    from incidentkit.timing.terms import Term as Term
    from incidentkit.views.explanation import Explanation as Explanation
    from incidentkit.views.facts import facts_as_known as facts_as_known
    from incidentkit.views.history_report import HistoryReport as HistoryReport
    from incidentkit.views.metrics import Metric as Metric
    from incidentkit.views.metrics import Metrics as Metrics
    from incidentkit.views.overview import Overview as Overview
    from incidentkit.views.review import ReviewPage as ReviewPage
    from incidentkit.views.review import to_html as to_html
    from incidentkit.views.review import to_json as to_json
    from incidentkit.views.review import to_markdown as to_markdown
    from incidentkit.views.shadow import ShadowReport as ShadowReport
    from incidentkit.views.timeline import Line as Line
    from incidentkit.views.web import http_status as http_status
    from incidentkit.views.web import problem_details as problem_details

_PLACES = {
    "channels.console": "ConsoleChannel",
    "channels.file": "FileChannel",
    "channels.memory": "MemoryChannel",
    "desk.async_desk": "AsyncDesk",
    "desk.desk": "Desk",
    "desk.directory_file": "FileDirectory",
    "desk.inline": "InlineDirectory",
    "desk.replaying": "Imported refused_rows replay reported",
    "desk.safeguards": "Reconciled",
    "desk.spool": "Spool SpoolState",
    "errors": "IncidentKitError",
    "flows.importing": "RefusedRow",
    "flows.loose_ends": "Audit Lack LooseEnd",
    "flows.receive": "Received",
    "flows.searching": "Hit Hits",
    "flows.repeating": "Repeat",
    "flows.suggesting": "Suggestion Suggestions",
    "lang.conditions": "Condition",
    "lang.mappings": "DocumentMapping",
    "lang.templates": "Template",
    "model.attachment_changes": "Attach HandOverAttachment LabelAttachment WithdrawAttachment",
    "model.custody_changes": "LiftLegalHold PlaceLegalHold Redact",
    "ports.secret": "Secret",
    "model.privacy_changes": "BreakGlass LiftPrivacy MakePrivate",
    "model.delivery": "Delivery Message Refused Retry Sent",
    "model.fact_changes": "AssertFact",
    "model.findings_changes": (
        "ConfirmCause DropWorkaround JudgeHypothesis JudgeWorkaround NameCause "
        "OfferWorkaround ProposeHypothesis RecordDecision RejectCause"
    ),
    "model.frozen": "FrozenMap",
    "model.handover_changes": (
        "AcceptHandover BriefHandover DeclineHandover OfferHandover WithdrawHandover"
    ),
    "model.hosting": "Dispute Enrolment Exchange TicketMove TicketNote",
    "model.hosting_changes": "SetMode",
    "model.impact_changes": (
        "AssessImpact CorrectImpactInterval EndImpactInterval RecordImpactInterval "
        "WithdrawImpact WithdrawImpactInterval"
    ),
    "model.incident": "Incident",
    "model.incident_commands": (
        "Accept Acknowledge AddNote Assign Cancel Close Command Correct Declare Decline Edit "
        "Hold LeaveRole LinkTo Mitigate Notify Observe Prioritise Regress Reopen Reply "
        "Resolve Resume Start TakeRole Triage Unlink Watch"
    ),
    "model.incident_task": "IncidentTask",
    "model.incident_task_changes": (
        "AddTask AssignTask AttachChecklist CancelTask CompleteTask ReopenTask StartTask"
    ),
    "model.known_error": "KnownError",
    "model.known_error_changes": (
        "PublishKnownError RetireKnownError ReviseKnownError UseKnownError"
    ),
    "model.labels": "Label Tlp",
    "model.maintenance": "Maintenance MaintenanceCard",
    "model.maintenance_changes": (
        "AnnounceMaintenance ApproveMaintenance CancelMaintenance CompleteMaintenance "
        "EditMaintenance ExtendMaintenance NoteMaintenance PlanMaintenance "
        "RescheduleMaintenance RollBackMaintenance StartMaintenance VerifyMaintenance"
    ),
    "model.major_changes": "AcceptMajor Demote ProposeMajor RejectMajor StandDown",
    "model.party": "Party PartyKind",
    "model.people": "Contact",
    "model.problem": (
        "AcceptRisk Analyse Assess CancelProblem CloseProblem Fix Problem RaiseProblem "
        "Reanalyse ResolveProblem Verify"
    ),
    "model.problem_changes": (
        "AssignProblem CommunicateFix CommunicateWorkaround CorrectProblem EditProblem "
        "NoteProblem PrioritiseProblem StateCause StateWorkaround WithdrawCause "
        "WithdrawWorkaround"
    ),
    "model.public_changes": "SetPublic",
    "model.reason": "Reason",
    "model.region_changes": "MoveRegion",
    "model.relation_changes": "Merge MoveAlerts MoveReports OpenSuccessor Split Unmerge",
    "model.report": "ReportState",
    "model.report_changes": "ConfirmResolution RejectResolution",
    "model.review": "FollowUp FollowUpState Review ReviewState",
    "model.review_changes": (
        "AddFollowUp ApproveReview AssignReview CancelFollowUp ChangeFollowUp "
        "CompleteFollowUp EditReview OpenReview PublishReview ReturnReview ReviseReview "
        "SubmitReview WaiveReview"
    ),
    "model.scope_changes": (
        "AddReference ClearAffected DropAspect InvolveOrganisation MarkAffected "
        "ReleaseOrganisation RemoveReference SetLabel StateAspect"
    ),
    "model.service": "Criticality Service",
    "model.signals": "Alert Answer AnswerVerb Beat Change Receipt Rejected Report SourceRequest",
    "model.silence": "EndSilence Silence SilenceAlerts",
    "model.status_changes": "SetStatus",
    "model.words": (
        "AlertSeverity AlertStatus CancelReason HandoverState IncidentTaskState "
        "KnownErrorState LinkKind MaintenanceState MajorState MessageKind Mode Moment Outcome "
        "Priority ProblemMoment ProblemState PublicState Response SilenceState State"
    ),
    "plugins.hookspecs": "hookimpl",
    "plugins.store_factory": "BlobFactory StoreFactory",
    "policy.document": "Policy",
    "policy.lint": "lint",
    "policy.load": "load_policy",
    "policy.people": "load_directory",
    "policy.presets": "recurrence_preset",
    "ports.backup": "BackedUp",
    "ports.blobs": "Blob",
    "ports.rows": "QueuedTask TaskQuery TaskState",
    "rules.authorise": "Opinion Permission",
    "rules.clocks": "due_at",
    "rules.downtime": "counts_as_downtime downtime planned_time",
    "rules.enrol": "EnrolTerms",
    "rules.impair": "impact_times",
    "rules.lead_time": "short_notice",
    "rules.match": "Match",
    "rules.override": "Override",
    "rules.ownership": "Ownership",
    "rules.pareto": "Pareto ParetoRow",
    "rules.prioritise": "Matrix prioritise",
    "rules.recur": "Recurrence Recurring",
    "rules.rerun": "rerun",
    "sources.alertmanager": "Alertmanager",
    "sources.generic": "GenericJson",
    "stores.file_blobs": "FileBlobs",
    "stores.joined": "JoinedRowStore",
    "stores.key_store": "KeyStore",
    "stores.memory": "MemoryStore",
    "stores.memory_blobs": "MemoryBlobs",
    "stores.row_store": "RowStore",
    "stores.rows": "Collision Rows",
    "stores.sql_rows": "SqlRows",
    "stores.sqlite.store": "SqliteStore",
    "stores.tables": "FIXED_TABLES TableSpec",
    "testing.time": "ManualTime",
    "timing.intervals": "Interval",
    "timing.terms": "Term",
    "views.explanation": "Explanation",
    "views.facts": "facts_as_known",
    "views.history_report": "HistoryReport",
    "views.metrics": "Metric Metrics",
    "views.overview": "Overview",
    "views.shadow": "ShadowReport",
    "views.review": "ReviewPage to_html to_json to_markdown",
    "views.web": "http_status problem_details",
    "views.timeline": "Line",
}
_HOMES = {
    name: f"incidentkit.{module}" for module, names in _PLACES.items() for name in names.split()
}

__version__ = "0.1.0.dev0"
__all__ = ["__version__", "errors", *sorted(_HOMES)]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None and name != "errors":
        raise AttributeError(f"module 'incidentkit' has no attribute {name!r}")
    from importlib import import_module

    if home is None:
        return import_module("incidentkit.errors")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
