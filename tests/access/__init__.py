"""Who may see and do what, over every way into the library."""
