"""One scan as evidence: heard, its boards chosen with the list's help, located.

A tag at a board's end is heard as well from the next case as from its own; the list says which it is, and
only then is its place measured along the right board. A tag whose place the list's order tells otherwise than
a first look is looked at from there too: echoes make one in thirty seem half a wavelength off.
"""

from collections.abc import Sequence

from edge.fusion.inventory.evidence import Evidence, heard, placed
from edge.fusion.inventory.expected import Board
from edge.fusion.inventory.judge import foreseen
from edge.fusion.inventory.options import Options
from edge.fusion.inventory.setting import Setting
from edge.fusion.locate import Options as Locating
from edge.fusion.locate import locate
from edge.fusion.window import Window
from edge.library.shelf_list import ShelfList


def scan(
    window: Window,
    shelf_list: ShelfList,
    boards: Sequence[Board],
    options: Options | None = None,
    locating: Locating = Locating(),  # noqa: B008
) -> Evidence:
    """Evidence of one recording; `boards` are all of the site. `locating`: live scans take the quick way."""
    before = heard(window)
    setting = Setting(before, shelf_list, boards, options or Options())
    lengths_m = {board.shelf: board.length_m for board in boards if board.length_m}
    on, near = setting.likely_boards(), foreseen(setting)
    return placed(before, locate(window, lengths_m, locating, on, near))
