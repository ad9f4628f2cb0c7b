"""In what order: each use case once, as a generator of effects, driven by Desk and AsyncDesk.

A flow never touches the world and never decides; it asks for values by effects, hands them to
rules and yields at most one Commit, after which nothing follows.
"""
