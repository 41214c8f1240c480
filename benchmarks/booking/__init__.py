"""What bench_booking.py is made of: the centre it fills, the plain counter it compares with, and the callers."""
