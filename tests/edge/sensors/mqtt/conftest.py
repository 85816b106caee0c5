"""A real broker for the driver."""

from tests.real.mosquitto import mosquitto as mosquitto
