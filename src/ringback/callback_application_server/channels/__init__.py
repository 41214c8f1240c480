"""Where customers write from: one file a channel, behind one protocol, found through entry points."""
