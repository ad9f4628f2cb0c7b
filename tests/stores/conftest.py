"""The stores' time, in the test's hands."""

from __future__ import annotations

import pytest

from tests.stores.factories import Moving


@pytest.fixture
def now() -> Moving:
    return Moving()
