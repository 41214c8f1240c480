"""What tests share: servers, clocks, people, and the simulated ends of calls."""
