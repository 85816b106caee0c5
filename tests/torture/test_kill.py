"""SIGKILL at random moments, and at chosen system calls: nothing acknowledged is lost, no one has to help."""

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT, missing
from tests.torture import rounds
from tests.torture.child import live

KILLS = rounds(60, 1000)


class Tally:
    """What the child said before it died."""

    def __init__(self) -> None:
        self.acknowledged: set[int] = set()
        self.delivered: Counter[int] = Counter()
        self.next = 0

    def read(self, text: str) -> None:
        for line in text.splitlines():
            what, _, n = line.partition(" ")
            if what == "A":
                self.acknowledged.add(int(n))
            elif what == "D":
                self.delivered[int(n)] += 1
        self.next = max([self.next, *self.acknowledged, *self.delivered]) + 100

    def lost(self) -> set[int]:
        return self.acknowledged - set(self.delivered)


def forked(path: Path, first: int, group: int, kill_after_s: float | None) -> str:
    """Run the child in a fork (its imports are ours), kill it, and give what it said."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        try:
            asyncio.run(live(path, writer, first, group))
        finally:
            os._exit(0)
    os.close(writer)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(pid, 0)
    return said


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_sigkill_at_random_moments_loses_nothing_acknowledged(tmp_path: Path) -> None:
    tally, luck = Tally(), random.Random(7)
    for _ in range(KILLS):
        tally.read(forked(tmp_path / "o.db", tally.next, 7, luck.uniform(0.01, 0.15)))
    last = forked(tmp_path / "o.db", 0, 0, None)
    tally.read(last)
    assert last.endswith("Q\n")
    assert len(tally.acknowledged) > KILLS
    assert not tally.lost()
    print(f"{KILLS} kills, {len(tally.acknowledged)} acknowledged, 0 lost, "
          f"{sum(n - 1 for n in tally.delivered.values())} repeats")  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("call", ["fdatasync", "pwrite64"])
def test_sigkill_at_the_nth_system_call_loses_nothing_acknowledged(tmp_path: Path, call: str) -> None:
    if shutil.which("strace") is None:
        missing("strace")
    tally, luck, n_kills = Tally(), random.Random(11), rounds(4, 100)
    for _ in range(n_kills):
        nth = luck.randint(1, 40 if call == "fdatasync" else 150)
        tally.read(traced(tmp_path, f"{call}:signal=SIGKILL:when={nth}", tally.next, 7))
    tally.read(traced(tmp_path, None, 0, 0))
    assert tally.acknowledged
    assert not tally.lost()
    print(f"{n_kills} kills, {len(tally.acknowledged)} acknowledged, 0 lost")


def traced(folder: Path, inject: str | None, first: int, group: int) -> str:
    """Run the child under strace with a fault injected."""
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={inject}"] if inject else []
    command = [
        *strace,
        sys.executable,
        "-m",
        "tests.torture.child",
        str(folder / "o.db"),
        str(first),
        str(group),
    ]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=30)
        return done.stdout.decode()
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode()
