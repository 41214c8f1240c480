"""Performs a directed callback: legs, acceptance, ring times, joining, hanging up. Decides no policy."""
