"""One verb a file: log in, create a user, create an API key, record the audit."""
