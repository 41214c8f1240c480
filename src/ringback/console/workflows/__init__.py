"""One verb a file: send a command and wait for its answer, ask for a callback, show a number."""
