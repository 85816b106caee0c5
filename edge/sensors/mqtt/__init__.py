"""Sensors that speak through an MQTT broker."""
