"""Pure decisions about rights, throttling, secrets and origins."""
