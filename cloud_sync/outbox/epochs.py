"""Times from a clock that was wrong: a board without a clock chip wakes in 1970 and is set years later.

An epoch is a stretch of one boot in which wall time and monotonic time kept their distance. Rows name their
epoch; when the clock is set, it gets its correction, once and for all: a repeat of a record is the same.
"""

import ctypes
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edge.times import IMPOSSIBLE_BEFORE_NS

STEP_NS: Final = 1_000_000_000
_TIME_ERROR: Final = 5
_TIMEX_BYTES: Final = 512


@dataclass(frozen=True, slots=True)
class Epoch:
    """`offset_ns` is wall minus monotonic time; `last_ns` the wall time of its last row."""

    id: int
    boot_id: str
    offset_ns: int
    trusted: bool
    last_ns: int
    correction_ns: int | None = None

    @property
    def held(self) -> bool:
        """Its rows wait: their time cannot be right, and what is right is not known yet."""
        return self.correction_ns is None and self.impossible

    @property
    def impossible(self) -> bool:
        """Its wall clock stood before anything of this can have happened."""
        return self.last_ns < IMPOSSIBLE_BEFORE_NS

    def correction_of(self, t_ns: int) -> int:
        """What to add to a time in its rows; a device's own clock may have been right all along."""
        if self.impossible and t_ns >= IMPOSSIBLE_BEFORE_NS:
            return 0
        return self.correction_ns or 0


class Epochs:
    """All epochs that rows may name. `changed` has what the store must write."""

    def __init__(
        self, boot_id: str, known: Iterable[Epoch] = (), *, trusted: Callable[[], bool] | None = None
    ) -> None:
        self._boot_id = boot_id
        self._trusted = trusted or (lambda: True)
        self._known = {epoch.id: epoch for epoch in known}
        self._current: Epoch | None = None
        self.changed: dict[int, Epoch] = {}

    def known(self) -> list[Epoch]:
        """All of them, oldest first."""
        return list(self._known.values())

    def get(self, id_: int) -> Epoch | None:
        """None where a row names an epoch that was never written."""
        return self._known.get(id_)

    def observe(self, wall_ns: int, mono_ns: int) -> int:
        """The id of the epoch that holds now; a new one where the wall clock has jumped."""
        offset_ns = wall_ns - mono_ns
        current = self._current
        if current is None or abs(offset_ns - current.offset_ns) > STEP_NS:
            current = self._same_boot(offset_ns) or self._next(offset_ns, wall_ns)
            if not current.held:
                self._correct(current, lambda epoch: epoch.held)
        if current.held and wall_ns > current.last_ns:
            current = self._store(replace(current, last_ns=wall_ns))
        elif not current.trusted and not current.held and self._trusted():
            current = self._store(replace(current, trusted=True))
            self._correct(current, lambda epoch: epoch.boot_id == self._boot_id)
        self._current = current
        return current.id

    def forget(self, first_needed: int) -> None:
        """Leave out the epochs before `first_needed`: no row names them any more."""
        for id_ in [id_ for id_ in self._known if id_ < first_needed]:
            del self._known[id_]
            self.changed.pop(id_, None)

    def _same_boot(self, offset_ns: int) -> Epoch | None:
        """The epoch that an earlier process of this boot was in."""
        for epoch in self._known.values():
            near = epoch.boot_id == self._boot_id and abs(epoch.offset_ns - offset_ns) <= STEP_NS
            if near and epoch.correction_ns is None:
                return epoch
        return None

    def _next(self, offset_ns: int, wall_ns: int) -> Epoch:
        id_ = max(self._known, default=0) + 1
        return self._store(Epoch(id_, self._boot_id, offset_ns, trusted=False, last_ns=wall_ns))

    def _correct(self, right: Epoch, wrong: Callable[[Epoch], bool]) -> None:
        """What this boot wrote moves with the clock; what an earlier boot wrote ends where this one began."""
        for epoch in list(self._known.values()):
            if epoch.correction_ns is not None or epoch.trusted or not wrong(epoch):
                continue
            before = epoch.offset_ns if epoch.boot_id == self._boot_id else epoch.last_ns
            self._store(replace(epoch, correction_ns=right.offset_ns - before))

    def _store(self, epoch: Epoch) -> Epoch:
        self._known[epoch.id] = self.changed[epoch.id] = epoch
        return epoch


def boot_id() -> str:
    """The kernel's name for this boot; the same for all processes until the next one."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "unknown"


def kernel_synchronised() -> bool:
    """Whether the kernel says that something keeps its clock right (adjtimex(2))."""
    adjtimex = getattr(ctypes.CDLL(None, use_errno=True), "adjtimex", None)
    if adjtimex is None:
        return True
    state: int = adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return state not in (-1, _TIME_ERROR)
