"""The outbox against a model: any order of putting, delivering, refusing, filling and crashing."""

import shutil
import tempfile
from collections import Counter
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cloud_sync.options import OutboxOptions
from cloud_sync.outbox.core import Core
from cloud_sync.outbox.files import Files
from cloud_sync.outbox.steps import Ack, Now, Put
from cloud_sync.sink import Batch, WriteResult
from edge.events import Worth
from tests.cloud_sync.records import T0_NS, number, of_worth

SINKS = ("a", "b")
OPTIONS = OutboxOptions(max_bytes=1 << 19, min_free_bytes=0, ballast_bytes=0, late_after_s=5.0)
WORTHS = st.sampled_from([Worth.TELEMETRY, Worth.EVENT, Worth.ALARM])


class OutboxModel(RuleBasedStateMachine):
    """What each sink must have got, may still get, or is told that it lost."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.mono_ns = 0
        self.next_n = 0
        self.next_seq = 1
        self.committed: dict[int, Worth] = {}
        self.done: dict[str, set[int]] = {name: set() for name in SINKS}
        self.stored_done: dict[str, set[int]] = {name: set() for name in SINKS}
        self.acks: list[Ack] = []
        self.newly_done: dict[str, set[int]] = {name: set() for name in SINKS}

    @initialize()
    def open(self) -> None:
        self.core = Core(Files(self.folder / "o.db", 0), OPTIONS, SINKS, "boot", self.now())

    def now(self) -> Now:
        self.mono_ns += 50_000_000
        return Now(T0_NS + self.mono_ns, self.mono_ns)

    @rule(worth=WORTHS, n=st.integers(1, 30), commit=st.booleans())
    def put(self, worth: Worth, n: int, commit: bool) -> None:
        """Records that are committed, or that a crash takes before they are."""
        records = [of_worth(worth, self.next_n + k) for k in range(n)]
        self.next_n += n
        if commit:
            self.core.commit([Put(self.next_seq, records, self.now())], self.acks, (), self.now())
            self.committed.update({number(record): worth for record in records})
            self.next_seq += n
            self._stored()
        else:
            self.crash()

    @rule(worth=WORTHS)
    def fill(self, worth: Worth) -> None:
        """More than there is room for."""
        self.put(worth, 1500, True)

    @rule()
    def store_answers(self) -> None:
        self.core.commit((), self.acks, (), self.now())
        self._stored()

    @rule(
        name=st.sampled_from(SINKS),
        late=st.booleans(),
        limit=st.integers(1, 400),
        fate=st.sampled_from(["all", "none", "odd", "some dead", "lost"]),
        skip=st.frozensets(st.integers(1, 60), max_size=5),
    )
    def deliver(self, name: str, late: bool, limit: int, fate: str, skip: frozenset[int]) -> None:
        batch = self.core.batch(name, limit, late=late, now=self.now(), skip=skip)
        seqs = [entry.seq for entry in batch.entries]
        assert seqs == sorted(seqs)
        assert len(seqs) <= limit
        assert not skip & set(seqs)
        numbers = [number(entry.record) for entry in batch.entries]
        assert not set(numbers) & self.done[name], "delivered twice without a crash"
        assert set(numbers) <= set(self.committed)
        if fate != "lost":
            self._answer(name, batch, numbers, fate)

    def _answer(self, name: str, batch: Batch, numbers: list[int], fate: str) -> None:
        indices = range(len(numbers))
        accepted = [n for n in indices if fate in ("all", "some dead") or (fate == "odd" and n % 2)]
        rejected = {n: "dead" for n in accepted if fate == "some dead" and n % 3 == 0}
        result = WriteResult([n for n in accepted if n not in rejected], rejected)
        # Sometimes it waits for the next commit, as in the daemon; the next batch sees it all the same.
        ack = Ack(name, batch, result)
        self.core.take([ack])
        self.done[name] |= {numbers[n] for n in accepted}

    @rule()
    def pass_time(self) -> None:
        self.mono_ns += 6_000_000_000

    @rule()
    def crash(self) -> None:
        """What was not committed is gone; what was answered since the last commit comes again."""
        self.core.close()
        for name in SINKS:
            self.done[name] = set(self.stored_done[name])
        self.acks.clear()
        self.core = Core(Files(self.folder / "o.db", 0), OPTIONS, SINKS, "boot", self.now())
        self.next_seq = self.core.head

    def _stored(self) -> None:
        self.acks.clear()
        for name in SINKS:
            self.stored_done[name] = set(self.done[name])

    @invariant()
    def everything_is_accounted_for(self) -> None:
        if not hasattr(self, "core"):
            return
        for name, stats in self.core.sink_stats(self.now()).items():
            dropped = sum(stats.dropped.values())
            assert stats.depth + stats.delivered + stats.dead + dropped == len(self.committed), name
            assert stats.depth >= 0
            assert stats.delivered + stats.dead == len(self.done[name])

    @invariant()
    def it_stays_within_its_bound(self) -> None:
        if hasattr(self, "core"):
            assert self.core.bytes_used() <= OPTIONS.max_bytes

    @precondition(lambda self: hasattr(self, "core"))
    @rule()
    def drain(self) -> None:
        """Everything that is neither done nor counted as dropped can still be had, and nothing else."""
        for name in SINKS:
            got: Counter[int] = Counter()
            for late in (False, True):
                while (batch := self.core.batch(name, 500, late=late, now=self.now())).spans:
                    numbers = [number(entry.record) for entry in batch.entries]
                    got.update(numbers)
                    self._answer(name, batch, numbers, "all")
            assert not got or max(got.values()) == 1
            stats = self.core.sink_stats(self.now())[name]
            assert stats.depth == 0

    def teardown(self) -> None:
        if hasattr(self, "core"):
            self.core.close()
        shutil.rmtree(self.folder)


TestOutboxModel = OutboxModel.TestCase
TestOutboxModel.settings = settings(
    max_examples=12, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
