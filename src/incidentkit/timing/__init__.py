"""When: instants, spans, intervals and recurrence, as pure arithmetic on aware times."""
