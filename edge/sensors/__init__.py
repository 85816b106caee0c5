"""Drivers: what produces readings. One explicit table; a driver's code is imported when a source names it."""

from typing import Final

DRIVERS: Final[dict[str, str]] = {
    "llrp": "edge.sensors.llrp",
    "mqtt": "edge.sensors.mqtt",
    "replay": "edge.sensors.replay",
    "simulate": "edge.sensors.simulate",
}
"""Name in the site file → package. The package has `config.Options` (pydantic) and `driver.open_driver`."""
