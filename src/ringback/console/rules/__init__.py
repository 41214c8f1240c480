"""Pure presenters: rows in, what people read out."""
