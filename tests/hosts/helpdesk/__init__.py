"""A real ticket system, driven by its own pages and its own mail intake, with and without us."""
