"""The store in one SQLite file: durable, one writing process, any number of readers."""
