"""The experiments, a file for each group that breaks things in the same way."""
