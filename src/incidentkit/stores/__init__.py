"""Where rows are kept: in memory, in SQLite, or in whatever a host builds on the two bases.

`RowStore` and `KeyStore` carry the whole contract of `incidentkit.ports.store` over a handful of
primitives, so that a host's store repeats none of it.
"""
