"""How long a name may be in a store, in bytes of UTF-8: what every store must keep exactly.

They follow from what the library writes (a name of 256 characters has up to 1,024 bytes) and from
what databases take into one entry of an index (PostgreSQL: 2,704 bytes for all its columns). What
is longer is refused at the edge of every store with `LimitExceeded`, before anything is written.
The library shortens keys and request ids that hosts and senders made longer (`model.brief`).
"""

from __future__ import annotations

from incidentkit.model.brief import BRIEF

TENANT_BYTES = 1_024
"""The name of a tenant."""

NAME_BYTES = 1_024
"""The stream of an entry, the channel of a task, a text in a column of a record."""

ID_BYTES = BRIEF
"""The id of a record or task, the subject of a task, a unique key and its owner, a request id."""

SPACE_BYTES = 64
"""The space of a unique key, the series of numbers, the queue of a task, the name of a kind."""
