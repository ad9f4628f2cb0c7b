"""When: the laws of instants, intervals and terms."""
