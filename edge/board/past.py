"""What the board knows when it starts: from the history: newest states, findings, three hours of people."""

from typing import Final

from cloud_sync.history_reader import HistoryReader
from edge.board.document import SECOND_NS
from edge.board.rooms import HISTORY
from edge.board.state import BoardState
from edge.events import Record

_FINDINGS_NS: Final = 14 * 86_400 * SECOND_NS
_MOST_FINDINGS: Final = 5_000
_STEP_NS: Final = 60 * SECOND_NS


def past(reader: HistoryReader, now_ns: int) -> list[Record]:
    """Records of the past that still count, oldest first. Reads a database: not for the event loop."""
    findings = [record for _, record in reader.events((), now_ns - _FINDINGS_NS, _MOST_FINDINGS)]
    return sorted([*findings, *reader.states()], key=lambda record: record.t_ns)


def people_curves(
    reader: HistoryReader, spaces: list[str], now_ns: int
) -> dict[str, list[tuple[int, float]]]:
    """People of the last three hours by space, a point a minute."""
    start_ns = now_ns - HISTORY * _STEP_NS
    return {space: reader.series("space.people", space, start_ns, now_ns, _STEP_NS) for space in spaces}


def fill(state: BoardState, records: list[Record], curves: dict[str, list[tuple[int, float]]]) -> None:
    """Put the past into a board that is new."""
    state.remember(curves)
    state.preload(records)
