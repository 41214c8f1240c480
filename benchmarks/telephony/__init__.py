"""Real telephones for the benchmark of calls."""
