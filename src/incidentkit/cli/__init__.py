"""The command line: the library's own calls for hands and scripts, and the demonstration.

It decides nothing. Each command opens a desk, calls what a host would call, and prints what it
reads back; text for people, `--json` for machines.
"""
