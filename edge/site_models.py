"""What live fusion and the stock-take must know of a site, taken from its site file and the configuration."""

from edge.config import Site
from edge.daemon_config import DaemonConfig
from edge.fusion.gates import GateModel
from edge.fusion.inventory import Board
from edge.fusion.live import LiveModel
from edge.fusion.locate import Calibration
from edge.fusion.presence import PresenceOptions
from edge.library.call_numbers import Scheme
from edge.library.shelf_list import ShelfList
from edge.space_models import booking_rules, building_of, noise_limits


def live_model(
    site: Site,
    config: DaemonConfig,
    books: ShelfList | None = None,
    calibration: Calibration | None = None,
) -> LiveModel:
    """The model of the daemon's live fusion."""
    places = {(place.source, place.antenna): place.shelf for place in config.places}
    return LiveModel(
        space_of_source={source.id: source.space for source in site.sources},
        presence=PresenceOptions(places=places),
        building=building_of(site),
        bookings=booking_rules(config),
        noise=noise_limits(config),
        boards=tuple(boards_of(site)),
        books=books,
        calibration=calibration or Calibration(),
        gates=tuple(GateModel(g.source, g.inside_antenna, g.outside_antenna) for g in config.gates),
    )


def boards_of(site: Site) -> list[Board]:
    """The site's boards as the stock-take needs them."""
    return [
        Board(
            shelf=shelf.id,
            length_m=shelf.length_m,
            scheme=Scheme(shelf.scheme) if shelf.scheme else None,
            start=shelf.from_,
            end=shelf.to,
            next=shelf.next,
        )
        for shelf in site.shelves
    ]
