"""Real servers and bad links."""

from tests.real.toxiproxy import toxiproxy as toxiproxy
