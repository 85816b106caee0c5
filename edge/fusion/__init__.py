"""From windows of readings to events: pure functions, time is an argument."""
