"""A key store that is never lucky gives up, and says so."""

from __future__ import annotations

import pytest

from incidentkit.errors import Retryable
from tests.stores.factories import KINDS, DictKeyStore, Moving
from tests.stores.shapes import SECOND, put, write


def test_a_key_store_gives_up_after_its_tries(now: Moving) -> None:
    class Unlucky(DictKeyStore):
        tries = 3
        asked = 0

        def write(self, expected, puts, deletes):
            self.asked += 1
            return False

    store = Unlucky(now=now)
    store.declare(KINDS)
    with pytest.raises(Retryable):
        write(store, puts=(put("a"),), now=SECOND)
    assert store.asked == 3
