"""The predicted wait: what is learned from events, the distribution that follows, and its correction by what came true."""
