"""Tests of the three languages."""
