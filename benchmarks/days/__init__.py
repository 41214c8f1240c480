"""Open days of real arrivals, run through the product's rules on a virtual clock."""
