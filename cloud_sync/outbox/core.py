"""The outbox's decisions, without threads or waiting: one call after the other, each with its own time."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from cloud_sync.options import OutboxOptions
from cloud_sync.outbox import room
from cloud_sync.outbox.codec import checksum, decode, encode
from cloud_sync.outbox.epochs import Epochs
from cloud_sync.outbox.files import Files
from cloud_sync.outbox.ledger import Ledger
from cloud_sync.outbox.pending import END, Pending
from cloud_sync.outbox.recent import Kept, Recent
from cloud_sync.outbox.requests import Request, fulfil
from cloud_sync.outbox.stats import SinkStats
from cloud_sync.outbox.steps import Ack, Lost, Now, Put
from cloud_sync.outbox.store import PAGE_BYTES, Row, Store, StoredRow, StoreFull
from cloud_sync.sink import Batch, Entry, Span
from edge.errors import BadFrame
from edge.events import Worth
from edge.times import moved

_log: Final = logging.getLogger(__name__)
_HOUSEKEEPING_MS: Final = 10_000
_STALLED: Final = "stalled"
EVERY_SINK: Final = "*"


class Core:
    """An open outbox. Methods raise StoreFull or StoreFailed or StoreDamaged (then `set_aside`)."""

    def __init__(
        self,
        files: Files,
        options: OutboxOptions,
        sinks: Sequence[str],
        boot: str,
        now: Now,
        trusted: Callable[[], bool] | None = None,
    ) -> None:
        self._files = files
        self._options = options
        self._boot = boot
        self._trusted = trusted
        self._started_mono_ns = now.mono_ns
        self._next_housekeeping_ms = 0
        self._damaged: dict[int, Worth] = {}
        self._buried: dict[str, list[tuple[int, str]]] = {}
        self._store: Store = files.open(options.max_bytes)
        self.head, self._run_ms_before = self._store.head()
        self._ledgers = self._load(sinks)
        self._epochs = Epochs(boot, self._store.epochs(), trusted=trusted)
        self._recent = Recent(self.head)
        self._seen_version = -1
        self.bytes_in = (0, 0)
        """Bytes and records that were stored since the start."""

    def close(self) -> None:
        self._store.close()

    def reopen(self) -> None:
        """After StoreFailed: what was committed is read anew, what we know ourselves stays."""
        self._store.close()
        n_aside = len(self._files.set_aside_files)
        self._store = self._files.open(self._options.max_bytes)
        if len(self._files.set_aside_files) > n_aside:
            self._begin_anew()
        self._recent.clear(self.head)
        self._mark_all_dirty()

    def set_aside(self) -> Path:
        """After StoreDamaged: the file gets another name, and a new one takes its place."""
        self._store.close()
        aside = self._files.set_aside()
        self._store = self._files.open(self._options.max_bytes)
        self._begin_anew()
        return aside

    def _begin_anew(self) -> None:
        for ledger in self._ledgers.values():
            ledger.lost_all(self.head)
        self._recent.clear(self.head)
        self._damaged.clear()
        self._mark_all_dirty()

    # In

    def commit(
        self,
        puts: Sequence[Put],
        acks: Sequence[Ack],
        lost: Sequence[Lost],
        now: Now,
        kept: Mapping[str, bytes] | None = None,
    ) -> None:
        """Store it all in one transaction; it is on disk when this returns."""
        self.take(acks)
        with self._restored_on_failure():
            self._transact(puts, lost, now, kept or {})
        self._buried.clear()
        self._damaged.clear()

    def take(self, acks: Iterable[Ack]) -> None:
        """Count the sinks' answers; the next commit stores them."""
        for ack in acks:
            rejected = self._ledgers[ack.sink].settle(ack.batch, ack.result)
            if rejected:
                self._buried.setdefault(ack.sink, []).extend(rejected)

    def relieve(self, now: Now) -> None:
        """After StoreFull: give up the ballast, then the least worthy rows, so that there is room again."""
        self._files.drop_ballast()
        with suppress(StoreFull):
            self._store.checkpoint()
        with self._restored_on_failure(), self._store.transaction():
            used = room.used_pages(self._store)
            room.make_room(self._store, list(self._ledgers.values()), used - 1, self.head)
            self._save(now)
        self._recent.clear(self.head)
        with suppress(StoreFull):
            self._store.checkpoint()

    def attend(self, now: Now) -> None:
        """Do what other processes have asked for."""
        version = self._store.version()
        if version == self._seen_version:
            return
        asked = self._store.requests()
        if asked:
            with self._restored_on_failure(), self._store.transaction():
                for id_, text in asked:
                    self._fulfil(text)
                    self._store.clear_request(id_)
                self._save(now)
        self._seen_version = version

    def _fulfil(self, text: str) -> None:
        try:
            request = Request.from_text(text)
        except (ValueError, TypeError) as error:
            _log.error("outbox: %s", error)
            return
        fulfil(request, self._store, self._ledgers, self.head)
        _log.info("outbox: asked to %s %s", request.do, request.sink)

    @contextmanager
    def _restored_on_failure(self) -> Iterator[None]:
        before = {name: ledger.copy() for name, ledger in self._ledgers.items()}
        try:
            yield
        except BaseException:
            self._ledgers = before
            raise

    def kept(self, name: str) -> bytes | None:
        """What was kept under this name with the last commit that had any."""
        return self._store.kept(name)

    def _transact(
        self, puts: Sequence[Put], lost: Sequence[Lost], now: Now, keeping: Mapping[str, bytes]
    ) -> None:
        kept = [kept for put in puts for kept in self._stamped(put)]
        head = kept[-1].seq + 1 if kept else self.head
        allowed = self._allowed_pages()
        ledgers = list(self._ledgers.values())
        rows, n_bytes = self._encoded(kept)
        with self._store.transaction():
            gone = room.make_room(self._store, ledgers, allowed, self.head, room.pages_for(n_bytes))
            self._insert(rows)
            for name, body in keeping.items():
                self._store.set_kept(name, body)
            self._give_up(lost)
            self._clear_out()
            gone |= room.make_room(self._store, ledgers, allowed, head)
            gone |= self._keep_house(now, head)
            self._save(now, head)
        self._epochs.changed.clear()
        for ledger in ledgers:
            ledger.dirty = False
        self.bytes_in = (self.bytes_in[0] + n_bytes, self.bytes_in[1] + len(kept))
        self.head = head
        self._recent.add(kept, head)
        if gone:
            self._recent.clear(head)

    def _stamped(self, put: Put) -> list[Kept]:
        epoch = self._epochs.observe(put.at.wall_ns, put.at.mono_ns)
        put_ms = self.run_ms(put.at)
        return [Kept(seq, epoch, put_ms, record) for seq, record in enumerate(put.records, put.seq)]

    def _encoded(self, kept: Sequence[Kept]) -> tuple[dict[Worth, list[StoredRow]], int]:
        """Rows by class, and the bytes of their bodies."""
        rows: dict[Worth, list[StoredRow]] = {}
        n_bytes = 0
        for k in kept:
            body = encode(k.record)
            row = (k.seq, k.epoch, k.put_ms, body, checksum(k.seq, k.epoch, k.put_ms, body))
            rows.setdefault(k.record.WORTH, []).append(row)
            n_bytes += len(body)
        return rows, n_bytes

    def _insert(self, rows: dict[Worth, list[StoredRow]]) -> None:
        for worth, group in rows.items():
            self._store.insert(worth, group)
            for ledger in self._ledgers.values():
                ledger.depth[worth] += len(group)
                ledger.dirty = True

    def _give_up(self, lost: Sequence[Lost]) -> None:
        for ledger in self._ledgers.values():
            for some in lost:
                ledger.depth[some.worth] += len(some.seqs)
                ledger.gone(some.seqs, some.worth, _STALLED)

    def _clear_out(self) -> None:
        """Dead letters are copied, damaged rows leave their table."""
        keep = self._options.max_dead_letters
        for sink, reasons in self._buried.items():
            self._store.bury(sink, reasons, keep)
        for seq in self._damaged:
            self._store.bury(EVERY_SINK, [(seq, "damaged row")], keep)
            self._store.delete(seq, seq + 1)

    def _keep_house(self, now: Now, head: int) -> bool:
        now_ms = self.run_ms(now)
        if now_ms < self._next_housekeeping_ms:
            return False
        self._next_housekeeping_ms = now_ms + _HOUSEKEEPING_MS
        self._files.make_ballast()
        ledgers = list(self._ledgers.values())
        room.forget_delivered(self._store, ledgers, head, now_ms - int(self._options.replay_window_s * 1e3))
        return room.drop_old(self._store, ledgers, now_ms - int(self._options.max_age_s * 1e3))

    def _save(self, now: Now, head: int | None = None) -> None:
        self._store.set_head(self.head if head is None else head, self.run_ms(now))
        for epoch in self._epochs.changed.values():
            self._store.set_epoch(epoch)
        for ledger in self._ledgers.values():
            if ledger.dirty:
                self._store.set_sink(ledger.name, ledger.pending.to_text(), ledger.counts_text())

    # Out

    def batch(
        self, sink: str, limit: int, *, late: bool, now: Now, skip: frozenset[int] = frozenset()
    ) -> Batch:
        """What the sink is to get next: of what is live, or of the backlog. Empty where there is nothing."""
        self._epochs.observe(now.wall_ns, now.mono_ns)
        ledger = self._ledgers[sink]
        low, high = (0, ledger.live_from) if late else (ledger.live_from, self.head)
        wanted = ledger.pending.without(skip) if skip else ledger.pending
        batch, oldest_ms = self._gather(wanted.within(low, min(high, self.head)), limit, late)
        if not late and oldest_ms is not None and self._is_late(oldest_ms, now):
            ledger.live_from = self.head
            return Batch()
        if batch.spans:
            ledger.hand_out(batch)
        return batch

    def _gather(self, spans: Iterable[Span], limit: int, late: bool) -> tuple[Batch, int | None]:
        entries: list[Entry] = []
        looked: list[Span] = []
        oldest_ms = None
        for low, high in list(spans):
            kept, stop = self._read(low, high, limit - len(entries))
            if kept and oldest_ms is None:
                oldest_ms = kept[0].put_ms
            entries += [self._entry(k, late) for k in kept]
            if stop > low:
                looked.append((low, stop))
            if stop < high or len(entries) >= limit:
                break
        return Batch(tuple(entries), tuple(looked)), oldest_ms

    def _read(self, low: int, high: int, limit: int) -> tuple[list[Kept], int]:
        """Sound rows of [low, high) whose time is known, and up to which number was looked."""
        if low >= self._recent.first:
            kept = self._recent.read(low, high, limit)
            looked = kept[-1].seq + 1 if len(kept) == limit else high
        else:
            rows = self._store.read(low, high, limit)
            looked = rows[-1].seq + 1 if len(rows) == limit else high
            kept = [k for k in map(self._sound, rows) if k is not None]
        for n, k in enumerate(kept):
            epoch = self._epochs.get(k.epoch)
            if epoch is not None and epoch.held:
                return kept[:n], k.seq
        return kept, looked

    def _sound(self, row: Row) -> Kept | None:
        if row.seq in self._damaged:
            return None
        try:
            if checksum(row.seq, row.epoch, row.put_ms, row.body) != row.crc:
                raise BadFrame("checksum")
            return Kept(row.seq, row.epoch, row.put_ms, decode(row.body))
        except BadFrame as error:
            _log.error("outbox: record %d is damaged and left out: %s", row.seq, error)
            self._damaged[row.seq] = row.worth
            for ledger in self._ledgers.values():
                ledger.damaged(row.seq, row.worth)
            return None

    def _entry(self, kept: Kept, late: bool) -> Entry:
        epoch = self._epochs.get(kept.epoch)
        correction_ns = epoch.correction_of(kept.record.t_ns) if epoch is not None else 0
        return Entry(kept.seq, moved(kept.record, correction_ns), late)

    def _is_late(self, put_ms: int, now: Now) -> bool:
        return self.run_ms(now) - put_ms > self._options.late_after_s * 1e3

    # About itself

    def run_ms(self, now: Now) -> int:
        """Running time over all lives of this outbox: ages count in it, so no jumping clock empties us."""
        return self._run_ms_before + (now.mono_ns - self._started_mono_ns) // 1_000_000

    @property
    def dirty(self) -> bool:
        """Whether something waits to be stored besides records."""
        return bool(self._damaged or self._buried or self._epochs.changed) or any(
            ledger.dirty for ledger in self._ledgers.values()
        )

    def bytes_used(self) -> int:
        return room.used_pages(self._store) * PAGE_BYTES

    def bytes_allowed(self) -> int:
        """What rows may take in all: our own bound, or less where the disk has less."""
        return self._allowed_pages() * PAGE_BYTES

    def _allowed_pages(self) -> int:
        reserve_bytes = self._options.min_free_bytes + self._files.missing_ballast_bytes()
        return room.allowed_pages(self._store, self._files.path, reserve_bytes)

    def sink_stats(self, now: Now) -> dict[str, SinkStats]:
        """One line a sink."""
        return {name: self._stats_of(ledger, now) for name, ledger in self._ledgers.items()}

    def _stats_of(self, ledger: Ledger, now: Now) -> SinkStats:
        first = next(ledger.pending.within(0, self.head), None)
        oldest = self._store.read(first[0], self.head, 1) if first else []
        depth = sum(ledger.depth)
        return SinkStats(
            name=ledger.name,
            depth=depth,
            backlog=min(depth, sum(high - low for low, high in ledger.pending.within(0, ledger.live_from))),
            oldest_age_s=(self.run_ms(now) - oldest[0].put_ms) / 1e3 if oldest else None,
            delivered=ledger.delivered,
            dead=ledger.dead,
            corrupt=ledger.corrupt,
            dropped={drop: n for drop, n in ledger.dropped.items() if n},
        )

    def _load(self, sinks: Sequence[str]) -> dict[str, Ledger]:
        stored = self._store.sinks()
        ledgers = {}
        for name in sinks:
            ledger = self._ledger(name, stored.get(name))
            ledger.live_from = self.head
            ledgers[name] = ledger
        return ledgers

    def _ledger(self, name: str, texts: tuple[str, str] | None) -> Ledger:
        if texts is None:
            return Ledger(name, Pending([(self.head, END)]))
        try:
            return Ledger.from_texts(name, *texts)
        except (ValueError, KeyError, TypeError):
            _log.error("outbox: the state of sink %s is damaged: it gets everything again", name)
            return Ledger(name, Pending())

    def _mark_all_dirty(self) -> None:
        for ledger in self._ledgers.values():
            ledger.dirty = True
        for epoch in self._epochs.known():
            self._epochs.changed[epoch.id] = epoch
