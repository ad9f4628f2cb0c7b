"""Whether: every rule, against what is written out here and not against its own code."""
