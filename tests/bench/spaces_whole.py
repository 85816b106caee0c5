"""`edge spaces` on a week of 200 spaces at steps of a minute, from the file of readings to the JSON document.

    python -m tests.bench.spaces_whole [DAYS] [--only settled|live]

The building of `spaces_many`: 600 readings a minute, six million in a week. The command's own processor time
and memory, both in the light of the whole recording and, `--live`, as the daemon would have told it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.fusion.spaces import Building
from edge.fusion.spaces.read import steps
from edge.fusion.window import Window
from edge.recording import lines_of
from tests.bench.spaces_many import SPACES, building, readings

_DAY_NS: Final = 86_400_000_000_000
_HEAD: Final = 'schema = 1\n[site]\nid = "bench"\ntimezone = "Asia/Shanghai"\n'


@dataclass(frozen=True, slots=True)
class _Mode:
    """A way to run the command: its `options`, and `what` that is."""

    name: str
    options: str
    what: str


_MODES: Final = (
    _Mode("settled", "", "the whole command"),
    _Mode("live", "--live", "the same with --live"),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time, user's and system's, and the most memory that was held at once."""

    cpu_s: float
    peak_mb: float


def costs(days: int = 7, *modes: str) -> list[Cost]:
    """What so many days cost, in each of the modes: options of the command, or none."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _record(readings(days * 1440), folder / "days.jsonl")
        (folder / "site.toml").write_text(site(building()))
        files = [str(folder / "days.jsonl"), "--site", str(folder / "site.toml"), "--json"]
        return [_cost([*files, *mode.split()], folder / "out.json") for mode in modes]


def _cost(arguments: list[str], out: Path) -> Cost:
    with out.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-m", "edge", "spaces", *arguments], stdout=file)
        peak_kb = 0
        while not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            peak_kb = max(peak_kb, _peak_kb(process.pid))
            time.sleep(0.05)
        _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"edge spaces ended with {os.waitstatus_to_exitcode(status)}")
    return Cost(used.ru_utime + used.ru_stime, peak_kb / 1024)


def _peak_kb(pid: int) -> int:
    """A process's peak by its own count: `wait4` tells that of what it was forked from, too."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def _record(window: Window, path: Path) -> None:
    with path.open("wb") as file:
        for day in steps(window, _DAY_NS):
            file.writelines(lines_of(day))


def site(where: Building, options: str = "") -> str:
    """The site file of a building; `options` of each source."""
    spaces = (
        f'[[space]]\nid = "{s.id}"\nkind = "learning"\nzone = "quiet"\ncapacity = {s.capacity}\n'
        f'open = ["{s.open[0]}"]\narea_m2 = {s.area_m2}\nheight_m = {s.height_m}\n'
        for s in where.spaces
    )
    doors = (
        f'[[door]]\nid = "{d.id}"\nfrom = "{d.origin}"\nto = "{d.target}"\nsource = "{d.source}"\n'
        for d in where.doors
    )
    sources = (
        f'[[source]]\nid = "{source}"\ndriver = "simulate"\nspace = "{space}"\n{options}'
        for source, space in where.space_of_source.items()
    )
    return "".join((_HEAD, *spaces, *doors, *sources))


def lines(days: int = 7, only: str | None = None) -> Iterator[str]:
    """A figure a mode, or that of one of them."""
    modes = [mode for mode in _MODES if only in (None, mode.name)]
    for mode, cost in zip(modes, costs(days, *(mode.options for mode in modes)), strict=True):
        wanted = " (wanted 10)" if days == 7 else ""
        yield (
            f"speed: {cost.cpu_s:.1f} s of one core for {days} days of {SPACES} spaces: {mode.what}{wanted}, "
            f"{cost.peak_mb:.0f} MB"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("days", nargs="?", type=int, default=7)
    parser.add_argument("--only", choices=[mode.name for mode in _MODES])
    args = parser.parse_args()
    print("\n".join(lines(args.days, args.only)))


if __name__ == "__main__":
    main()
