"""Pure decisions: values in, values out, the time among them."""
