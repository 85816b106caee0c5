"""What is free goes back to the system."""

import subprocess
import sys

SCRIPT = """
from pathlib import Path
from threading import Thread
from edge.heap import give_back, keep_small

def kib():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    return next(int(line.split()[1]) for line in lines if line.startswith("Rss"))

def hold():
    # Many small pieces beside one that stays: glibc alone would keep all of it.
    pieces = [bytes(1000) for _ in range(20_000)]
    kept.append(bytes(1000))

keep_small()
before, kept = kib(), []
threads = [Thread(target=hold) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
give_back()
print(kib() - before)
"""


def test_what_threads_held_for_a_moment_goes_back() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 4_000
