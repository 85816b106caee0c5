"""The daemon: puts sources, pipeline, fusion, outbox and sinks together, and stops them in the right order.

    sources ─▶ pipeline ─▶ fusion ─▶ outbox ─▶ workers ─▶ sinks
                                  └▶ listeners (the board)

The state of fusion is kept in the outbox, beside the records that followed from the same readings.

It stops from left to right: what came is fused, committed and acknowledged to its sources, they end, the last
window, a commit, a short time for the sinks.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from cloud_sync.outbox import Outbox
from cloud_sync.sink import Sink
from cloud_sync.worker import Worker
from edge.clock import Clock, SystemClock
from edge.columns import Readings
from edge.config import Site
from edge.counters import Counters
from edge.daemon_config import DaemonConfig
from edge.drivers import SourceSetup
from edge.events import Record, SourceCounted
from edge.fusion.journal import Writes
from edge.fusion.live import Live
from edge.fusion.live_memory import Sources
from edge.fusion.window import Window
from edge.heap import give_back
from edge.keeping import Keeper
from edge.library.shelf_list import ShelfList
from edge.observe import NodeMeter
from edge.pipeline import Pipeline, PipelineOptions
from edge.sensors.driver import Context
from edge.sensors.settlement import Settlement
from edge.signals import until
from edge.supervise import Foreseen, keep, supervise
from edge.systemd import notify
from edge.tasks import end
from edge.threads import to_the_end

_log = logging.getLogger(__name__)

DRAIN_S: Final = 3.0
DRAIN_WHEN_DONE_S: Final = 60.0
PUBLISHED_AT_ONCE: Final = 5_000
_RECORDED: Final = "replay"
"""A recording can be played again, and from its start: nothing goes on from where it was."""
_END_OF_TIME_NS: Final = 2**63 - 1
COUNTED_EVERY_NS: Final = 60_000_000_000

Marks = Mapping[str, int]
Listener = Callable[[Sequence[Record]], None]
Meter = Callable[[int], Sequence[Record]]
"""What it has to say of the minute that ends at `t_ns`."""
Service = Callable[["Daemon"], Awaitable[None]]
"""Runs beside the sources until it is cancelled."""
T = TypeVar("T")


@dataclass(slots=True)
class Progress:
    """How far the daemon has come; health is judged by it."""

    started_mono_ns: int
    windows: int = 0
    fusion_s: float = 0.0
    last_window_mono_ns: int = 0
    running: set[str] = field(default_factory=set)


class Daemon:
    """One site's daemon. `sinks` get its records; `listeners` see them as they go into the outbox."""

    def __init__(
        self,
        site: Site,
        config: DaemonConfig,
        setups: Sequence[SourceSetup],
        live: Live,
        sinks: Sequence[Sink],
        *,
        clock: Clock | None = None,
        listeners: Sequence[Listener] = (),
        books: ShelfList | None = None,
    ) -> None:
        self.site = site
        self.config = config
        self.clock = clock or SystemClock()
        self.setups = list(setups)
        self.live = live
        self.listeners = list(listeners)
        self.books = books if books is not None else ShelfList()
        self.taps: list[Callable[[Readings], None]] = []
        self.books_changed: list[Callable[[], None]] = []
        self.services: dict[str, Service] = {}
        self.meters: list[Meter] = []
        self.pipeline = Pipeline([source.id for source in site.sources], self.clock, _options(config))
        self.outbox = Outbox(
            config.state_path(site.site.id) / "outbox.db",
            config.outbox,
            self.clock,
            [sink.name for sink in sinks],
        )
        self.workers = [Worker(self.outbox, Foreseen(sink), self.clock, config.worker) for sink in sinks]
        self.keeper = Keeper(live, self.outbox, self.clock)
        self.progress = Progress(self.clock.monotonic_ns())
        self._settlements: dict[str, Settlement] = {}
        self._counted: dict[str, Counters] = {}
        self._next_counted_ns = 0
        self._meter = NodeMeter()
        self._keeps = False
        self._fused = asyncio.Event()
        self._fusing = asyncio.Lock()

    async def run(self, stop: asyncio.Event, *, until_done: bool = False) -> None:
        """Run until `stop` is set; with `until_done` also until every source has ended, as recordings do."""
        self.config.state_path(self.site.site.id).mkdir(parents=True, exist_ok=True)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.outbox)
            self._keeps = not until_done and any(setup.driver != _RECORDED for setup in self.setups)
            if self._keeps:
                await self._go_on()
            async with asyncio.TaskGroup() as tasks:
                sinks = [
                    _named(tasks, keep(f"sink {worker.name}", worker.run), f"sink {worker.name}")
                    for worker in self.workers
                ]
                fusing = _named(tasks, self._fuse_forever(), "fusion")
                sources = [_named(tasks, self._run_source(setup), setup.source) for setup in self.setups]
                services = [
                    _named(tasks, keep(name, partial(service, self)), name)
                    for name, service in self.services.items()
                ]
                notify("READY=1")
                await until(stop, sources if until_done else [])
                drain_s = DRAIN_S if stop.is_set() else DRAIN_WHEN_DONE_S
                notify("STOPPING=1")
                await end(services)
                self._fused.set()
                await fusing
                await self._settle_all()
                await end(sources)
                await self._last_window()
                await self._drain(sinks, drain_s)

    async def _run_source(self, setup: SourceSetup) -> None:
        counters = self.pipeline.counters.setdefault(setup.source, Counters())
        known = dict(self.keeper.sources.get(setup.source, {}))
        settlement = self._settlements.setdefault(setup.source, Settlement(memory=known))
        context = Context(setup.source, self.clock, counters, settlement, dict(known))
        self.progress.running.add(setup.source)
        try:
            await supervise(setup.source, lambda: setup.open(context), self._take)
        finally:
            self.progress.running.discard(setup.source)

    async def _take(self, readings: Readings) -> None:
        for tap in self.taps:
            tap(readings)
        await self.pipeline.put(readings)

    async def _go_on(self) -> None:
        """From where the run before stopped, or was stopped."""
        end_ns = await self.keeper.restore()
        if end_ns is not None:
            self.pipeline.resume(end_ns)

    async def _fuse_forever(self) -> None:
        while not await _set_within(self._fused, self.config.pipeline.window_s):
            marks = self._marks()
            window = self.pipeline.pop()
            if window is not None:
                is_urgent = any(settlement.is_urgent for settlement in self._settlements.values())
                if await self._fuse(window, marks, at_once=is_urgent):
                    await self._settle(marks, window.end_ns)
            notify("WATCHDOG=1")

    async def _fuse(self, window: Window, marks: Marks, *, at_once: bool) -> bool:
        """In a thread: the loop must go on answering brokers and readers, however long a window takes.

        Whether the readings so far are safe as soon as the outbox has committed.
        """
        started = time.perf_counter()
        async with self._fusing:
            records, writes = await to_the_end(
                self._step, window, self._memories(marks, window.end_ns), at_once
            )
        self.progress.windows += 1
        self.progress.fusion_s += time.perf_counter() - started
        self.progress.last_window_mono_ns = self.clock.monotonic_ns()
        await self._publish_held_back([*records, *self._source_counts(window.end_ns)])
        self.keeper.write(writes)
        return self.keeper.is_written

    def _step(self, window: Window, sources: Sources, at_once: bool) -> tuple[list[Record], Writes]:
        records = self.live.step(window)
        return records, self.keeper.after(window, records, sources, at_once=at_once) if self._keeps else {}

    def _memories(self, marks: Marks, end_ns: int) -> Sources:
        """What each driver knew behind the readings that are in windows up to `end_ns`."""
        found = {source: self._settlements[source].memory_at(mark, end_ns) for source, mark in marks.items()}
        return {source: memory for source, memory in found.items() if memory}

    def _marks(self) -> Marks:
        return {source: settlement.mark() for source, settlement in self._settlements.items()}

    async def with_live(self, work: Callable[[Live], T]) -> T:
        """What `work` says, done between two windows in a thread: nothing else touches fusion meanwhile."""
        async with self._fusing:
            return await to_the_end(work, self.live)

    async def _settle(self, marks: Marks, end_ns: int) -> None:
        """Tell the drivers that what followed from their batches is on disk."""
        if any(len(settlement) for settlement in self._settlements.values()):
            await self.outbox.committed()
            for source, mark in marks.items():
                self._settlements[source].settle(mark, end_ns)

    async def _settle_all(self) -> None:
        """While the sources are still there to hear it: what they gave so far is fused and on disk."""
        if any(len(settlement) for settlement in self._settlements.values()):
            marks = self._marks()
            while (window := self.pipeline.flush()) is not None:
                await self._fuse(window, marks, at_once=True)
            self.keeper.write(self.keeper.rest(self._memories(marks, _END_OF_TIME_NS)))
            await self._settle(marks, _END_OF_TIME_NS)

    async def _publish_held_back(self, records: Sequence[Record]) -> None:
        """At the disk's pace: a recording at full speed makes records faster than a card takes them."""
        for start in range(0, len(records), PUBLISHED_AT_ONCE):
            self.publish(records[start : start + PUBLISHED_AT_ONCE])
            if len(records) > PUBLISHED_AT_ONCE:
                await self.outbox.committed()

    def tell_books_changed(self) -> None:
        """The shelf list is another: to who shows it."""
        for tell in self.books_changed:
            tell()

    def publish(self, records: Sequence[Record]) -> None:
        """Into the outbox, and to whoever listens."""
        if records:
            self.outbox.put(records)
            for listener in self.listeners:
                listener(records)

    def _source_counts(self, now_ns: int) -> list[Record]:
        """Once a minute of event time: what became of each source's readings, and how the daemon is.

        A source that is silent is told too, with zeros: only what is always there can be missed.
        """
        if now_ns < self._next_counted_ns:
            return []
        self._next_counted_ns = now_ns + COUNTED_EVERY_NS
        return [
            _difference(
                now_ns,
                source,
                counters,
                self._counted,
                self._age_s(counters),
                up=not self.live.is_silent(source),
            )
            for source, counters in self.pipeline.counters.items()
            if counters.received or source in self._counted or source in self.progress.running
        ] + [record for measure in (self._measure, *self.meters) for record in measure(now_ns)]

    def _measure(self, now_ns: int) -> list[Record]:
        give_back()  # what a backlog or a large window had for a moment
        return self._meter.measure(self, now_ns)

    def _age_s(self, counters: Counters) -> float | None:
        if not counters.received:
            return None
        return (self.clock.monotonic_ns() - counters.last_mono_ns) / 1e9

    async def _last_window(self) -> None:
        while (window := self.pipeline.flush()) is not None:
            await self._fuse(window, self._marks(), at_once=True)
        self._next_counted_ns = 0
        told = self.live.pause() if self._keeps else self.live.finish()
        self.publish([*told, *self._source_counts(self.clock.wall_ns())])
        if self._keeps:
            self.keeper.write(self.keeper.last(self._memories(self._marks(), _END_OF_TIME_NS)))
        await self.outbox.committed()

    async def _drain(self, deliveries: Sequence[asyncio.Task[None]], longest_s: float) -> None:
        """Give the sinks a moment for what is left; the rest waits on disk for the next start."""
        for worker in self.workers:
            worker.stop()
        _, late = await asyncio.wait(deliveries, timeout=longest_s)
        if late:
            _log.info("stopped with records left for the next start")
        await end(late)


def _options(config: DaemonConfig) -> PipelineOptions:
    table = config.pipeline
    return PipelineOptions(tolerance_ns=int(table.tolerance_s * 1e9), capacity=table.capacity)


def _difference(
    now_ns: int, source: str, now: Counters, before: dict[str, Counters], age_s: float | None, *, up: bool
) -> SourceCounted:
    was = before.get(source, Counters())
    names = ("received", "used", "late", "malformed", "dropped")
    change = {name: getattr(now, name) - getattr(was, name) for name in names}
    before[source] = Counters(**{name: getattr(now, name) for name in names})
    return SourceCounted(now_ns, source, **change, age_s=age_s, up=up)


def _named(tasks: asyncio.TaskGroup, work: "asyncio._CoroutineLike[None]", name: str) -> asyncio.Task[None]:
    return tasks.create_task(work, name=name)


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
