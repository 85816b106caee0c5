"""Which batches of a driver are safe: what follows from them is on disk.

A driver whose device keeps a message until it is acknowledged (an MQTT broker) acknowledges by this, so that
neither a crash nor a power cut of the board loses a reading. A crash in between may repeat some.

    driver                      daemon
    yield batch  ─────────────▶ pipeline.put
    add(newest, acknowledge)    mark()  →  window = pipeline.pop()  →  fusion  →  records and state committed
                                settle(mark, window.end_ns)  →  acknowledge
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

Done = Callable[[], None]
Memory = Mapping[str, float]


class _Batch(NamedTuple):
    number: int
    newest_ns: int
    done: Done
    memory: Memory | None


@dataclass(slots=True)
class Settlement:
    """The batches of one source that are not safe yet."""

    is_urgent: bool = False
    """The device holds much by now: the batches should not wait for more company."""
    memory: Memory = field(default_factory=dict)
    """What the driver knew behind the last batch that is safe."""
    _added: int = 0
    _waiting: list[_Batch] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, newest_ns: int, done: Done, *, urgent: bool = False, memory: Memory | None = None) -> None:
        """The driver, when a batch has been taken: `done` is called once the batch is safe.

        `memory` is what the driver knows behind the batch: a later process gets that of the last safe batch.
        """
        self._added += 1
        self.is_urgent = self.is_urgent or urgent
        self._waiting.append(_Batch(self._added, newest_ns, done, memory))

    def mark(self) -> int:
        """The daemon, at the moment when it cuts a window: which batches that window can hold."""
        return self._added

    def memory_at(self, mark: int, end_ns: int) -> Memory:
        """The daemon, when it writes that window: what the driver knew behind the batches that are in it."""
        for batch in self._within(mark, end_ns):
            self.memory = batch.memory if batch.memory is not None else self.memory
        return self.memory

    def settle(self, mark: int, end_ns: int) -> None:
        """The daemon, when the window's records are on disk: what it held of the batches is safe."""
        safe = list(self._within(mark, end_ns))
        numbers = {batch.number for batch in safe}
        self._waiting = [batch for batch in self._waiting if batch.number not in numbers]
        self.is_urgent = False
        for batch in safe:
            batch.done()

    def _within(self, mark: int, end_ns: int) -> Iterator[_Batch]:
        return (batch for batch in self._waiting if batch.number <= mark and batch.newest_ns < end_ns)
