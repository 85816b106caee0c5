"""Drivers: what produces readings."""
