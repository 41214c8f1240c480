"""The REST API under /api/v1: what programs do with a business, and what the console does with it."""
