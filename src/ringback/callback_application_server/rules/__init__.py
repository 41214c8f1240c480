"""Decides what the customer is told and asked. Pure."""
