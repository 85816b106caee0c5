"""Power cuts, simulated: after a cut the disk has what was synced, and any part of what was not.

strace records what the outbox writes and when it syncs; from that record the disk is built as it may be found
after a cut at any moment: every unsynced sector of 512 bytes is there or not, as a coin falls.
"""

import asyncio
import random
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cloud_sync.options import OutboxOptions
from cloud_sync.outbox import Outbox
from edge.clock import SystemClock
from tests.cloud_sync.outbox.test_outbox import drained
from tests.cloud_sync.records import number
from tests.conftest import ROOT, missing
from tests.torture import rounds

SECTOR = 512
CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)")
FD = re.compile(r"^\d+<([^>]*)>")
WRITE = re.compile(r'^\d+<([^>]*)>, "((?:\\x[0-9a-f]{2})*)"\.*, \d+, (\d+)$')
SCRIPT = """
import os, sys
from pathlib import Path
from cloud_sync.options import OutboxOptions
from cloud_sync.outbox.core import Core
from cloud_sync.outbox.steps import Now, Put
from cloud_sync.outbox.files import Files
from tests.cloud_sync.records import T0_NS, misplaced
clock = 0
def now():
    global clock
    clock += 100_000_000
    return Now(T0_NS + clock, clock)
core = Core(Files(Path(sys.argv[1]), 0), OutboxOptions(max_bytes=1 << 20), ("a",), "boot", now())
for n in range(150):
    core.commit([Put(core.head, [misplaced(8 * n + k) for k in range(8)], now())], (), (), now())
    os.write(1, b"A %d\\n" % (8 * n + 7))
os._exit(0)
"""


@dataclass
class Disk:
    """Files as they are on the platter, and what is still on its way there."""

    synced: dict[str, bytearray] = field(default_factory=dict)
    pending: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    acknowledged: int = -1

    def take(self, call: str, words: str, result: int) -> None:
        if call == "pwrite64" and (found := WRITE.match(words)):
            data = bytes.fromhex(found[2].replace("\\x", ""))[:result]
            self.pending.setdefault(found[1], []).append((int(found[3]), data))
        elif call in ("fdatasync", "fsync") and (synced := FD.match(words)):
            for offset, data in self.pending.pop(synced[1], []):
                _put(self.synced.setdefault(synced[1], bytearray()), offset, data)
        elif call == "ftruncate" and (cut := FD.match(words)):
            size = int(words.rpartition(", ")[2])
            self.pending.setdefault(cut[1], [])
            del self.synced.setdefault(cut[1], bytearray())[size:]
        elif call == "unlink":
            # The name goes with the next transaction of the file system's own journal; it has one.
            name = Path(_text(words)).name
            self.synced.pop(name, None)
            self.pending.pop(name, None)
        elif call == "write" and words.startswith("1<"):
            self.acknowledged = int(_text(words).split()[1])

    def after_cut(self, luck: random.Random) -> dict[str, bytes]:
        """One of the disks that may be found."""
        found = {path: bytearray(data) for path, data in self.synced.items()}
        for path, writes in self.pending.items():
            file = found.setdefault(path, bytearray())
            for offset, data in writes:
                for start in range(0, len(data), SECTOR):
                    if luck.random() < 0.5:
                        _put(file, offset + start, data[start : start + SECTOR])
        return {path: bytes(data) for path, data in found.items()}


def _text(words: str) -> str:
    """The string among the words, which strace writes in hex."""
    return bytes.fromhex("".join(re.findall(r"\\x([0-9a-f]{2})", words))).decode()


def _put(file: bytearray, offset: int, data: bytes) -> None:
    if len(file) < offset:
        file.extend(bytes(offset - len(file)))
    file[offset : offset + len(data)] = data


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, int]]:
    """What a writer of 1,200 records did to the disk, in order."""
    if shutil.which("strace") is None:
        missing("strace")
    folder = tmp_path_factory.mktemp("power")
    trace = folder / "trace"
    what = "trace=pwrite64,fdatasync,fsync,ftruncate,write,unlink"
    command = ["strace", "-f", "-y", "-xx", "-s", "100000", "-o", str(trace), "-e", what]
    subprocess.run(
        [*command, sys.executable, "-c", SCRIPT, str(folder / "o.db")],
        cwd=ROOT, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    found = [CALL.match(line) for line in trace.read_text().splitlines()]
    return [(m[1], _plain(m[2]), int(m[3])) for m in found if m]


def _plain(words: str) -> str:
    """strace writes paths in hex as well."""
    return re.sub(
        r"<((?:\\x[0-9a-f]{2})+)>",
        lambda m: f"<{Path(bytes.fromhex(m[1].replace(chr(92) + 'x', '')).decode()).name}>",
        words,
    )


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_power_cut_at_any_moment_loses_nothing_acknowledged(
    calls: list[tuple[str, str, int]], tmp_path: Path
) -> None:
    luck = random.Random(3)
    cuts = sorted(luck.sample(range(len(calls)), min(rounds(60, 600), len(calls))))
    disk, done = Disk(), 0
    for cut in cuts:
        for call in calls[done:cut]:
            disk.take(*call)
        done = cut
        folder = tmp_path / str(cut)
        folder.mkdir()
        for name, data in disk.after_cut(luck).items():
            if name.startswith("o.db"):
                (folder / name).write_bytes(data)
        kept, aside = asyncio.run(_found(folder / "o.db"))
        assert kept == list(range(len(kept))), "a hole"
        assert len(kept) > disk.acknowledged
        assert not aside
    assert disk.acknowledged > 500
    print(f"{len(cuts)} cuts in the life of {disk.acknowledged + 1} records, 0 acknowledged lost, no hole")


async def _found(path: Path) -> tuple[list[int], tuple[str, ...]]:
    async with Outbox(path, OutboxOptions(max_bytes=1 << 20), SystemClock(), ("a",)) as box:
        return [number(r) for r in await drained(box, "a")], box.stats().set_aside
