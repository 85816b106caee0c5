"""Real components for the tests: brokers and databases as processes on loopback."""
