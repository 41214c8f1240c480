"""What the commands of an operator do: businesses, people, keys, reports. Wires workflows of the servers to a terminal."""
