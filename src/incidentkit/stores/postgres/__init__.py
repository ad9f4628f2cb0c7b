"""The store in PostgreSQL: many writing processes, plain and asynchronous, from one SQL text."""
