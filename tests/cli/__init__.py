"""Tests of the command line: transcripts, exit codes, and what must never happen in a pipe."""
