"""A store on a connection of its host: what is not durable is not said to be."""

from __future__ import annotations

from incidentkit.errors import IncidentKitError
from incidentkit.ports.query import Query
from incidentkit.ports.rows import Request
from incidentkit.testing.case import Case
from incidentkit.testing.expecting import equal, refused
from incidentkit.testing.records import MAIN, put, write
from incidentkit.testing.store_trial import StoreTrial


def commit_refused(trial: StoreTrial) -> None:
    """A commit inside a transaction that the host has open is refused, for it is not durable."""
    store, host = trial.store, trial.harness.host
    if host is None:
        raise TypeError("the harness has no `host`; the case must require it")
    write(store, puts=(put("before"),))
    with host(store), refused(IncidentKitError):
        write(store, puts=(put("a"),), request=Request("r", "f", "x"))
    equal([row.id for row in store.find(MAIN, Query("incident")).rows], ["before"])
    equal(write(store, puts=(put("a"),), request=Request("r", "f", "x")).replayed, False)


CASES: tuple[Case[StoreTrial], ...] = (
    Case("store.host.commit-refused", commit_refused, ("host",)),
)
"""The cases of this theme."""
