"""Real frameworks as hosts of the library."""
