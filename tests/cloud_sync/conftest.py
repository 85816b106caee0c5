"""Real servers for the sinks, and records to send."""

from tests.real.influxd import bucket as bucket
from tests.real.influxd import influxd as influxd
from tests.real.mosquitto import mosquitto as mosquitto
from tests.real.toxiproxy import toxiproxy as toxiproxy
