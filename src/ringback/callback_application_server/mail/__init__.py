"""Mail to people at the business: alerts, as they begin and as they are over."""
