"""The whole tree of errors, so that a host can catch by whose fault it is.

The first split is blame: the caller's input, the store, a plugin, or the policy a host wrote.
Every message says what was wrong and what to do about it. Errors take positional arguments only,
because keyword-only exceptions cannot be pickled across processes.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Blame(StrEnum):
    """Whose fault an error is, and therefore who can mend it."""

    CALLER = "caller"
    STORE = "store"
    PLUGIN = "plugin"
    HOST = "host"


class IncidentKitError(Exception):
    """The root of every error that incidentkit raises on purpose."""

    blame: ClassVar[Blame] = Blame.HOST


# --- the caller's input -------------------------------------------------------------------------


class CallerError(IncidentKitError):
    """The call cannot be honoured as it was made; nothing was changed."""

    blame = Blame.CALLER


class InvalidValue(CallerError, ValueError):
    """A value was refused at the edge: wrong type, out of range, over a limit or not clean text."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field = field
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}"


class LimitExceeded(InvalidValue):
    """A value is larger than the edge accepts; the message names the limit."""


class NotFound(CallerError, LookupError):
    """No such record is visible to this actor in this tenant."""

    def __init__(self, kind: str, name: str, choices: tuple[str, ...] = ()) -> None:
        super().__init__(kind, name, choices)
        self.kind = kind
        self.name = name
        self.choices = choices

    def __str__(self) -> str:
        if self.choices:
            return f"no {self.kind} {self.name!r}; there is {', '.join(self.choices)}"
        return f"no {self.kind} {self.name!r}; check the reference, or whether you may see it"


class TransitionNotAllowed(CallerError):
    """The life-cycle table has no such move from the present state."""

    def __init__(self, subject: str, state: str, command: str, allowed: tuple[str, ...]) -> None:
        super().__init__(subject, state, command, allowed)
        self.subject = subject
        self.state = state
        self.command = command
        self.allowed = allowed

    def __str__(self) -> str:
        choices = ", ".join(self.allowed) or "nothing"
        return f"{self.subject} is {self.state}: {self.command} is not allowed; allowed: {choices}"


class MissingFields(CallerError):
    """The move is allowed, but fields it needs were not given."""

    def __init__(self, subject: str, command: str, fields: tuple[str, ...]) -> None:
        super().__init__(subject, command, fields)
        self.subject = subject
        self.command = command
        self.fields = fields

    def __str__(self) -> str:
        return f"{self.subject}: {self.command} needs {', '.join(self.fields)}"


class NotAuthorised(CallerError, PermissionError):
    """The actor may not do this, or nobody could be asked whether the actor may."""

    def __init__(self, actor: str, action: str, subject: str, why: str) -> None:
        # One argument only: OSError takes several for an error number and file names.
        super().__init__((actor, action, subject, why))
        self.actor = actor
        self.action = action
        self.subject = subject
        self.why = why

    def __str__(self) -> str:
        return f"{self.actor} may not {self.action} {self.subject}: {self.why}"

    def __reduce__(self) -> tuple[type[NotAuthorised], tuple[str, str, str, str]]:
        """Copy and pickle by raising anew with the same words."""
        return (NotAuthorised, (self.actor, self.action, self.subject, self.why))


class VersionMismatch(CallerError):
    """The record is no longer at the version the command was written against (`if_version`)."""

    def __init__(self, subject: str, expected: int, current: int) -> None:
        super().__init__(subject, expected, current)
        self.subject = subject
        self.expected = expected
        self.current = current

    def __str__(self) -> str:
        return (
            f"{self.subject} is at version {self.current}, not {self.expected}; "
            "read it again and decide again"
        )


class RequestReused(CallerError):
    """The same request id came with other content; the first content stands."""

    def __init__(self, request: str) -> None:
        super().__init__(request)
        self.request = request

    def __str__(self) -> str:
        return f"request id {self.request!r} was used before with other content; use a new id"


class TooBusy(CallerError):
    """The record kept changing under the call until its tries or its deadline ran out."""

    def __init__(self, action: str, tries: int) -> None:
        super().__init__(action, tries)
        self.action = action
        self.tries = tries

    def __str__(self) -> str:
        return f"{self.action} met a conflicting change {self.tries} times; try again"


# --- languages and policy -----------------------------------------------------------------------


class LanguageError(CallerError):
    """A condition, template or mapping cannot be read, or names what does not exist.

    `position` counts characters from 0 in `text`.
    """

    def __init__(self, text: str, position: int, problem: str) -> None:
        super().__init__(text, position, problem)
        self.text = text
        self.position = position
        self.problem = problem

    def __str__(self) -> str:
        shown = self.text if len(self.text) <= 120 else self.text[:117] + "..."
        return f"{self.problem} (at character {self.position} of {shown!r})"


class ConditionError(LanguageError):
    """A condition is malformed or names an undeclared fact."""


class TemplateError(LanguageError):
    """A template is malformed, names an unknown field, or its result is over the limit."""


class MappingError(LanguageError):
    """A mapping is malformed, or cannot be applied to the given document."""


class PolicyError(IncidentKitError):
    """A policy, directory or mapping is wrong. All problems are listed, each with its path."""

    blame = Blame.HOST

    def __init__(self, problems: tuple[tuple[str, str], ...], document: str = "policy") -> None:
        super().__init__(problems, document)
        self.problems = problems
        self.document = document

    def __str__(self) -> str:
        lines = "\n".join(f"  {path}: {problem}" for path, problem in self.problems)
        return f"{len(self.problems)} problem(s) in the {self.document}:\n{lines}"


# --- the store ----------------------------------------------------------------------------------


class StoreError(IncidentKitError):
    """The store refused or failed; nothing of the batch remains."""

    blame = Blame.STORE


class StaleToken(StoreError):
    """A settle carried a token that is no longer its task's: somebody else has the task."""

    def __init__(self, tasks: tuple[str, ...]) -> None:
        super().__init__(tasks)
        self.tasks = tasks

    def __str__(self) -> str:
        return f"no longer the holder of {', '.join(self.tasks)}"


class Conflict(StoreError):
    """Records changed since they were read: each as (kind, id, version found)."""

    def __init__(self, found: tuple[tuple[str, str, int], ...]) -> None:
        super().__init__(found)
        self.found = found

    def __str__(self) -> str:
        return "changed meanwhile: " + ", ".join(f"{k} {i} (now {v})" for k, i, v in self.found)


class KeyTaken(StoreError):
    """Unique keys belong to somebody else: each as (space, key, owner found or None)."""

    def __init__(self, taken: tuple[tuple[str, str, str | None], ...]) -> None:
        super().__init__(taken)
        self.taken = taken

    def __str__(self) -> str:
        return "keys owned by others: " + ", ".join(f"{s}/{k} -> {o}" for s, k, o in self.taken)


class Retryable(StoreError):
    """The store lost its connection or could not serialise: repeat with the same request id."""


class StoreAway(Retryable):
    """The store could not be reached at opening, and cannot yet: it is tried at each call."""

    def __init__(self, store: str, problem: str) -> None:
        super().__init__(store, problem)
        self.store = store
        self.problem = problem

    def __str__(self) -> str:
        return (
            f"{self.store} cannot be reached ({self.problem}); `receive` is spooled meanwhile, "
            "everything else works again when it is back"
        )


class SpoolFull(StoreError):
    """The store is away and the spool has no room: the request was NOT kept, its sender must know.

    Answer the sender with an error that it repeats (HTTP 503), and make room.
    """

    def __init__(self, folder: str, problem: str) -> None:
        super().__init__(folder, problem)
        self.folder = folder
        self.problem = problem

    def __str__(self) -> str:
        return (
            f"the spool {self.folder} has no room ({self.problem}): this request was not kept; "
            "let its sender repeat it, and make room"
        )


class StoreFull(StoreError):
    """The store has no room left. Nothing was changed; make room and repeat with the same id."""


class StoreClosed(StoreError):
    """The store was closed; open a new one."""


class NotMigrated(StoreError):
    """There is no schema (number 0), or an earlier one, and this process may not change it."""

    def __init__(self, problem: str, number: int = 0) -> None:
        super().__init__(problem, number)
        self.problem = problem
        self.number = number

    def __str__(self) -> str:
        return self.problem


class SchemaTooNew(StoreError):
    """The stored schema was written by a newer incidentkit; upgrade this one."""


class AnotherProcessWrites(StoreError):
    """A second process tried to write to one SQLite file."""

    def __init__(self, path: str, holder: str) -> None:
        super().__init__(path, holder)
        self.path = path
        self.holder = holder

    def __str__(self) -> str:
        return (
            f"{self.path} is written by {self.holder}, and SQLite is opened for one writing "
            "process. Two ways out: move to PostgreSQL, or open with '?processes=many' on an "
            "SQLite that `incidentkit doctor` passes. Reading needs neither."
        )


class IndexStale(StoreError):
    """Records written by an earlier release are not indexed yet; a desk indexes them by itself."""

    def __init__(self, kind: str, lag: str) -> None:
        super().__init__(kind, lag)
        self.kind = kind
        self.lag = lag

    def __str__(self) -> str:
        return (
            f"the {self.lag} of {self.kind!r} were written by an earlier incidentkit and are not "
            "indexed yet: call Desk.reindex(), or ask through a desk, which does it by itself"
        )


class UnsafeSetting(StoreError):
    """A setting was refused because it could lose data here; the message says what to do."""


class BlobMissing(StoreError):
    """The blob store has no such content: it was deleted, or another store is open."""

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference

    def __str__(self) -> str:
        return (
            f"there is no content {self.reference!r:.200}; was it deleted, or is another blob "
            "store open than the one it was put into?"
        )


class BlobDamaged(StoreError):
    """Content is not what was stored. Put the right content back; its reference stays the same."""

    def __init__(self, reference: str, problem: str) -> None:
        super().__init__(reference, problem)
        self.reference = reference
        self.problem = problem

    def __str__(self) -> str:
        return f"the content {self.reference!r:.200} is damaged: {self.problem}"


class NoBlobStore(IncidentKitError):
    """The desk was opened without a blob store, so that it can keep no attachments."""

    blame = Blame.HOST

    def __init__(self) -> None:
        super().__init__()

    def __str__(self) -> str:
        return "no blob store is open; write e.g. Desk.open(..., blobs='file:attachments')"


# --- a host's transaction -----------------------------------------------------------------------


class PagedElsewhere(IncidentKitError):
    """Nothing but the console takes pages here, and pages of this store went out otherwise."""

    def __init__(self, elsewhere: tuple[str, ...]) -> None:
        super().__init__(elsewhere)
        self.elsewhere = elsewhere

    def __str__(self) -> str:
        return (
            f"pages of this store went out by {', '.join(self.elsewhere)}, and here is only the "
            "console, where nobody may hear them: nothing was done. Work where those channels are, "
            "open the desk with them, or say that printing is meant: "
            "channels={'console': ConsoleChannel()}"
        )


class CannotJoin(IncidentKitError):
    """A desk cannot work inside this transaction of the host, or not in this way."""

    blame = Blame.HOST


class NotJoined(IncidentKitError):
    """The store was to commit inside a transaction of the host that it was not told of."""

    blame = Blame.HOST

    def __init__(self, store: str) -> None:
        super().__init__(store)
        self.store = store

    def __str__(self) -> str:
        return (
            f"{self.store}: the host has a transaction open here, which could roll back what this "
            "call makes durable. Write through `with desk.using(connection) as joined`, or after "
            "the transaction has ended"
        )


# --- plugins ------------------------------------------------------------------------------------


class PluginError(IncidentKitError):
    """A plugin, or an object handed to `Desk.open`, cannot be used as it is."""

    blame = Blame.PLUGIN


class PluginLoadError(PluginError):
    """A plugin could not be loaded, or registered something that is not what the hook asks."""


class PluginConflict(PluginError):
    """Two plugins registered the same name; the message names both sources."""


class AsyncPluginError(PluginError):
    """A coroutine was found where a plain function is needed: use AsyncDesk."""


class DirectoryUnavailable(PluginError):
    """The directory failed and no earlier good answer is known."""


class AuthoriserUnavailable(PluginError):
    """The authoriser failed; only acknowledging one's own page and break-glass go on."""
