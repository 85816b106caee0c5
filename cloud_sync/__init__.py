"""Delivery: a durable outbox, and the sinks that empty it."""
