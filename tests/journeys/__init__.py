"""Whole journeys in real browsers: each person sees and hears what they should."""
