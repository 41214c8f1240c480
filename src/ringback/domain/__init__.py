"""The words every server shares: ids, commands, events, times, numbers, errors. No I/O, no clock."""
