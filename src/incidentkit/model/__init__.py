"""What there is: one file a noun, with its frozen values, commands and events.

Nothing here decides, reads the time or touches the world; a value only keeps its own invariants.
"""
