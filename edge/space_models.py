"""What the fusion of spaces must know of a site, taken from its site file and the daemon's configuration."""

from typing import TYPE_CHECKING

from edge.config import Site
from edge.fusion.spaces.bookings import BookingRules
from edge.fusion.spaces.graph import HEAD_COUNT, Building, DoorModel, SpaceModel
from edge.fusion.spaces.monitor import NoiseLimit

if TYPE_CHECKING:
    from edge.daemon_config import DaemonConfig


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
        space_of_source={f"{HEAD_COUNT}{space.id}": space.id for space in site.spaces}
        | {source.id: source.space for source in site.sources if source.space},
        timezone=site.site.timezone,
    )


def booking_rules(config: "DaemonConfig") -> BookingRules:
    """The house's times of bookings."""
    table = config.bookings
    return BookingRules(
        before_min=table.before_min,
        grace_min=table.grace_min,
        stay_min=table.stay_min,
        away_min=table.away_min,
        meals=tuple(table.meals),
    )


def noise_limits(config: "DaemonConfig") -> tuple[NoiseLimit, ...]:
    """How loud a zone may be in some hours."""
    return tuple(NoiseLimit(row.zone, row.hours, row.limit_dba) for row in config.noise)
