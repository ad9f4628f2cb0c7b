"""The policy: read whole or refused whole, whatever is handed in."""
