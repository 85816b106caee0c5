"""Which batches of a driver are safe: what follows from them is on disk.

A driver whose device keeps a message until it is acknowledged (an MQTT broker) acknowledges by this, so that
neither a crash nor a power cut of the board loses a reading. A crash in between may repeat some.

    driver                      daemon
    yield batch  ─────────────▶ pipeline.put
    add(newest, acknowledge)    mark()  →  window = pipeline.pop()  →  fusion  →  records and state committed
                                settle(mark, window.end_ns)  →  acknowledge
"""

from collections.abc import Callable
from dataclasses import dataclass, field

Done = Callable[[], None]


@dataclass(slots=True)
class Settlement:
    """The batches of one source that are not safe yet."""

    is_urgent: bool = False
    """The device holds much by now: the batches should not wait for more company."""
    _added: int = 0
    _waiting: list[tuple[int, int, Done]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, newest_ns: int, done: Done, *, urgent: bool = False) -> None:
        """The driver, when a batch has been taken: `done` is called once the batch is safe."""
        self._added += 1
        self.is_urgent = self.is_urgent or urgent
        self._waiting.append((self._added, newest_ns, done))

    def mark(self) -> int:
        """The daemon, at the moment when it cuts a window: which batches that window can hold."""
        return self._added

    def settle(self, mark: int, end_ns: int) -> None:
        """The daemon, when the window's records are on disk: what it held of the batches is safe."""
        waiting, self._waiting = self._waiting, []
        self.is_urgent = False
        for number, newest_ns, done in waiting:
            if number <= mark and newest_ns < end_ns:
                done()
            else:
                self._waiting.append((number, newest_ns, done))
