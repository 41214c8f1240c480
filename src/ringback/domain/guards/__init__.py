"""What is looked at before any telephone rings: the number, the hours where it may be, how often it was rung, and the money. Pure rules."""
