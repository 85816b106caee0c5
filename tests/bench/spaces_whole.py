"""`edge spaces` on a week of 200 spaces at steps of a minute, from the file of readings to the JSON document.

    python -m tests.bench.spaces_whole [DAYS]

The building of `spaces_many`: 600 readings a minute, six million in a week. The command's own processor time.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from edge.fusion.spaces import Building
from edge.fusion.spaces.read import steps
from edge.fusion.window import Window
from edge.recording import lines_of
from tests.bench.spaces_many import SPACES, building, readings

_DAY_NS: Final = 86_400_000_000_000
_HEAD: Final = 'schema = 1\n[site]\nid = "bench"\ntimezone = "Asia/Shanghai"\n'


def seconds(days: int = 7) -> float:
    """Seconds of one core for so many days."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _record(readings(days * 1440), folder / "days.jsonl")
        (folder / "site.toml").write_text(site(building()))
        files = [str(folder / "days.jsonl"), "--site", str(folder / "site.toml"), "--json"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with (folder / "out.json").open("wb") as out:
            subprocess.run([sys.executable, "-m", "edge", "spaces", *files], stdout=out, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


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


def line(days: int = 7) -> str:
    """The figure."""
    taken_s = seconds(days)
    return f"speed: {taken_s:.1f} s of one core for a week of {SPACES} spaces: the whole command (wanted 10)"


def main() -> None:
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    print(f"{seconds(days):.1f} s of one core for {days} days of {SPACES} spaces")


if __name__ == "__main__":
    main()
