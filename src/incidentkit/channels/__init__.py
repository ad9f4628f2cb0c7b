"""How messages go out without any other package: the console, a file, memory, any function.

They are enough to try the library, to test with, and to reach whatever the host already has.
"""
