"""What every sink promises: a class to inherit from, with the sink and a way to look at its far end."""

import abc
from collections.abc import Sequence

from cloud_sync.sink import Batch, Entry, Sink
from edge.events import Record
from tests.cloud_sync.records import seen


def batch_of(records: Sequence[Record], *, replayed: bool = False, first: int = 1) -> Batch:
    """A batch as the outbox would make it."""
    entries = tuple(Entry(seq, record, replayed) for seq, record in enumerate(records, first))
    return Batch(entries, ((first, first + len(records)),))


class SinkContract(abc.ABC):
    """Subclasses are collected by pytest; each gives `sink` and `arrived` as fixtures or methods."""

    @abc.abstractmethod
    def new_sink(self) -> Sink:
        """A sink that reaches its far end."""

    @abc.abstractmethod
    async def arrived(self) -> set[str]:
        """The barcodes of the `item.seen` that the far end has."""

    async def test_what_is_accepted_has_arrived(self) -> None:
        async with self.new_sink() as sink:
            result = await sink.write(batch_of([seen(n) for n in range(30)]))
        assert sorted(result.accepted) == list(range(30))
        assert not result.rejected
        assert await self.arrived() == {f"{n:08d}" for n in range(30)}

    async def test_a_repeat_adds_nothing(self) -> None:
        async with self.new_sink() as sink:
            for _ in range(2):
                await sink.write(batch_of([seen(n) for n in range(5)]))
        assert await self.arrived() == {f"{n:08d}" for n in range(5)}

    async def test_it_can_be_entered_again(self) -> None:
        sink = self.new_sink()
        for n in range(2):
            async with sink:
                result = await sink.write(batch_of([seen(n)]))
                assert list(result.accepted) == [0]
        assert await self.arrived() == {"00000000", "00000001"}

    async def test_poison_does_not_keep_the_others(self) -> None:
        poison = seen(7, '\ud800 half a pair, \n a line end, \\ and "quotes"')
        async with self.new_sink() as sink:
            result = await sink.write(batch_of([seen(1), poison, seen(2)]))
        assert {0, 2} <= set(result.accepted)
        assert set(result.accepted) | set(result.rejected) == {0, 1, 2}
        assert {"00000001", "00000002"} <= await self.arrived()

    async def test_an_empty_batch_is_nothing(self) -> None:
        async with self.new_sink() as sink:
            result = await sink.write(Batch())
        assert not result.accepted
        assert not result.rejected

    async def test_leaving_twice_is_harmless(self) -> None:
        sink = self.new_sink()
        async with sink:
            pass
        await sink.__aexit__(None, None, None)
