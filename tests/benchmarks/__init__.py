"""Benchmarks: `python -m tests.benchmarks [NAME ...] [--rounds N] [--json FILE]`.

pytest collects nothing here but a smoke test, which looks at the form of the report and at no time.
"""
