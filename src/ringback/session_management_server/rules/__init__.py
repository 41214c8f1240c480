"""What an attempt and its legs do next: tables and pure functions. No I/O, no clock, no randomness."""
