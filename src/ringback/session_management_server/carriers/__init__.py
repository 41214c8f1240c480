"""What places legs: one file a carrier, all behind `protocol.Carrier`, found through the entry points `ringback.carriers`."""
