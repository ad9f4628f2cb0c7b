"""Whether: one verb a file, pure functions over values, each with the policy values it reads.

A rule takes the time as a value, touches nothing, and says why: what a rule decides by policy comes
with a `Reason` from which `rerun` can decide again.
"""
