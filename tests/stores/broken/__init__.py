"""Stores that are wrong in one way each: the kit must say so, and in no other case.

Each is the memory store with one mistake that somebody has made in a real one.
"""
