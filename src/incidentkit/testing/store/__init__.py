"""The cases of the store contract, one module for each theme."""
