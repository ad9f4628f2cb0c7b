"""The suite. A package, so that helpers import as `tests.<room>.<module>` and names may repeat."""
