"""Talks to the customer: chats, prompts, requests, and everything that follows in the same chat."""
