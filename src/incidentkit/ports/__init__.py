"""What the world outside must offer: the contracts of stores, sources, channels and access.

A port says what is asked, never how it is done. Small `Supports*` protocols describe what some
implementations can do beyond the contract; what one lacks, the core does without, or says so.
"""
