"""What there is: the values keep their invariants."""
