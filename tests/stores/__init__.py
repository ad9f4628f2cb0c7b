"""Every store against one contract, and what only SQLite does."""
