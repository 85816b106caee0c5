"""From the site file to what fusion must know of it."""

from edge.config import Site
from edge.daemon_config import DaemonConfig
from edge.fusion.live import LiveModel
from edge.fusion.presence import PresenceOptions
from edge.fusion.spaces.hours import parse


def live_model(site: Site, config: DaemonConfig) -> LiveModel:
    """The live fusion's model of this site."""
    places = {(place.source, place.antenna): place.shelf for place in config.places}
    return LiveModel(
        space_of_source={source.id: source.space for source in site.sources},
        presence=PresenceOptions(places=places),
        timezone=site.timezone,
        opening={space.id: parse(space.open) for space in site.spaces},
    )
