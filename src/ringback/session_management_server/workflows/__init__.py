"""One verb a file: load, decide by the rules, save, send."""
