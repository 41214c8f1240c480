"""What bots know and when they hand over: retrieval in a business's own answers, the choice of a bot, emergency words. No I/O."""
