"""How other packages join in: hooks, the frozen set of what they bring, and the guard around them.

pluggy finds plugins; incidentkit calls them, each by itself, so that one failing plugin never stops
the others nor changes a committed result. Only this room imports pluggy.
"""
