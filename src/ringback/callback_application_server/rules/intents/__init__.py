"""What a customer wants, in six languages: phrases by rules, a guess by a small classifier, names and numbers."""
