"""What every page of ours needs from a server: security headers, live updates, and the calls that ring on it."""
