"""Counts and times the calls to a library system: a record a minute, with zeros while nothing is asked."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from edge.errors import SinkUnavailable
from edge.events import LspMeasured


@dataclass(slots=True)
class CallMeter:
    """One system's. A call has failed when the system gave no proper answer; a refusal is an answer."""

    system: str
    calls: int = 0
    failed: int = 0
    spent_s: float = 0.0

    @contextmanager
    def call(self) -> Iterator[None]:
        """Around each call."""
        self.calls += 1
        began = time.perf_counter()
        try:
            yield
        except SinkUnavailable:
            self.failed += 1
            raise
        finally:
            self.spent_s += time.perf_counter() - began

    def measure(self, t_ns: int) -> list[LspMeasured]:
        """The calls since this was asked last."""
        mean_s = round(self.spent_s / self.calls, 6) if self.calls else 0.0
        found = LspMeasured(t_ns, self.system, self.calls, self.failed, mean_s)
        self.calls, self.failed, self.spent_s = 0, 0, 0.0
        return [found]
