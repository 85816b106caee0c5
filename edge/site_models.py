"""What fusion must know of a site, taken from its site file and the daemon's configuration."""

from edge.config import Site
from edge.daemon_config import DaemonConfig
from edge.fusion.live import LiveModel
from edge.fusion.presence import PresenceOptions
from edge.fusion.spaces.graph import Building, DoorModel, SpaceModel


def building_of(site: Site) -> Building:
    """The site's spaces and doors."""
    return Building(
        spaces=tuple(
            SpaceModel(
                id=space.id,
                capacity=space.capacity,
                open=tuple(space.open),
                kind=space.kind,
                zone=space.zone,
                seats=space.seats,
                area_m2=space.area_m2,
                height_m=space.height_m,
            )
            for space in site.spaces
        ),
        doors=tuple(DoorModel(door.id, door.from_, door.to, door.source) for door in site.doors),
        space_of_source={source.id: source.space for source in site.sources if source.space},
        timezone=site.site.timezone,
    )


def live_model(site: Site, config: DaemonConfig) -> LiveModel:
    """The model of the daemon's live fusion."""
    places = {(place.source, place.antenna): place.shelf for place in config.places}
    return LiveModel(
        space_of_source={source.id: source.space for source in site.sources},
        presence=PresenceOptions(places=places),
        building=building_of(site),
    )
