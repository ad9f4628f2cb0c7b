"""The five situations that the library must carry, told as tests; the names are their lines."""
