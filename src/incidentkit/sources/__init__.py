"""How requests of the outside become signals: the sources that come with the library.

A source never raises on junk and never drops anything: what it cannot read it yields as `Rejected`,
and what has no field of its own stands in labels, annotations or extra.
"""
