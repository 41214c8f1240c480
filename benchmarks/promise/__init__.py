"""Queue logs made from real arrivals, with the truth about them."""
