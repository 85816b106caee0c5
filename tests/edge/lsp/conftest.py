"""A real broker."""

from tests.real.mosquitto import mosquitto as mosquitto
