"""One module a board."""

from typing import Final

from grafana.dashboards import alerts, books, fleet, library_now, space_use, visits
from grafana.model import Board

BOARDS: Final[tuple[Board, ...]] = (
    library_now.BOARD,
    books.BOARD,
    space_use.BOARD,
    visits.BOARD,
    fleet.BOARD,
    alerts.BOARD,
)
