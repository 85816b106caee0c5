"""One measured figure, and how it is taken: the median of several runs, CPU time apart from wall time."""

import re
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """`per_s` is by CPU time of this process; `peak_mb` of the whole process so far."""

    case: str
    what: str
    unit: str
    n: int
    per_s: float
    cpu_s_per_million: float
    peak_mb: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure(case: str, what: str, unit: str, n: int, work: Callable[[], object], runs: int = 5) -> Figure:
    """CPU time of `work`, which handles `n` units, once to warm up and then `runs` times."""
    work()
    seconds = statistics.median(_cpu_s(work) for _ in range(runs))
    return of_seconds(case, what, unit, n, seconds)


def of_seconds(case: str, what: str, unit: str, n: int, cpu_s: float) -> Figure:
    """A figure whose CPU time was taken elsewhere."""
    return Figure(case, what, unit, n, n / cpu_s, cpu_s / n * 1e6, peak_mb())


def peak_mb() -> float:
    """The most memory that this process had, in MB.

    Not ru_maxrss: a child that was forked from a large process begins with its parent's.
    """
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024.0


def _cpu_s(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return max(time.process_time() - started, 1e-9)
