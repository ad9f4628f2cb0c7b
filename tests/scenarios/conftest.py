"""Scenarios run with Desk and AsyncDesk, on memory and SQLite, each flow held to its word."""

from __future__ import annotations

from tests.flows.conftest import checked as checked
from tests.flows.conftest import open_desk as open_desk
from tests.flows.conftest import url as url
