"""One verb a file: load, decide, save, send, in one transaction."""
