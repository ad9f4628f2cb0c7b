"""Text as the store contract wants it: compared by code point, and given back as it was."""

from __future__ import annotations

from typing import Any

from django.db import models


class ByteText(models.TextField):
    """Text that sorts and compares by code point, whatever the locale of the database."""

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        # SQLite compares bytes by itself; PostgreSQL has to be told.
        found = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            found["collation"] = "C"
        return found
