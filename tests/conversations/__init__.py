"""Whole conversations by script: those that say everything are booked as they say, the others end in a question for what is missing."""
