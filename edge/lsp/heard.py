"""What library systems said of books when they were asked: until it is put into the shelf list."""

from typing import Final

from edge.library.shelf_list import Status

MOST: Final = 20_000


class Heard:
    """The newest status by barcode; bounded."""

    def __init__(self) -> None:
        self._statuses: dict[str, Status] = {}

    def say(self, barcode: str, status: Status) -> None:
        """A library system has this book so."""
        if len(self._statuses) < MOST or barcode in self._statuses:
            self._statuses[barcode] = status

    def take(self) -> dict[str, Status]:
        """All that was said since this was asked last."""
        taken, self._statuses = self._statuses, {}
        return taken
