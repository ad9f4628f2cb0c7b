"""How policy speaks: conditions, templates and mappings, as plain text and data.

Three small languages that people who are no programmers can read and review. All are pure, none
can loop or reach a Python object, and each works by itself on the host's own mappings.
"""
