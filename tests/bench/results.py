"""Makes docs/results.md: every figure measured again on this machine, with the command that measures it.

`python -m tests.bench.results [--only NAME]`; takes about a quarter of an hour.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from _pytest.outcomes import Skipped

from tests.real.built import program

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs/results.md"


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page: what was wanted, and the command whose output is the answer."""

    name: str
    title: str
    wanted: str
    command: tuple[str, ...]
    picture: tuple[str, str] | None = None
    """A file beside the page that the command draws, and what it shows."""


SECTIONS: Final = (
    Section(
        "bench",
        "Speed",
        "Wanted, on one x86 core: LLRP bytes to columns 500,000 reads/s (peers 74,000 and 28,000); "
        "`tag` readings over MQTT, 100 a message, to presence at most 2 CPU-s a million (Telegraf 4.5, "
        "eKuiper 6.6); W1 at most 49 (both peers 49 to 50), W3 at most 34 (Telegraf); locating at most "
        "0.2 ms a tag and channel, that is 200 CPU-s a million tag channels; 10,000 books, about 1.5 million "
        "reads, under 60 s and 300 MB, that is 40 CPU-s a million reads.",
        ("edge", "bench"),
    ),
    Section(
        "daemon",
        "The daemon",
        "Wanted: below 80 MB, idle below 2 % of a core. All sinks are at work: outbox, MQTT, a real "
        "InfluxDB, history and the board.",
        ("python", "-m", "tests.bench.daemon_figures"),
    ),
    Section(
        "locate",
        "Book positions",
        "The run's own median offset is taken away. Wanted at 20/10/8/6/4 cm: median "
        "0.4/0.8/1.2/1.4/2.0 cm, order 1.00/1.00/0.98/0.96/0.90; simulated `standard` and `hard`: 0.8 "
        "and 1.5 cm, 0.90 and 0.80 from the reads alone. After our own figures, every method's median error "
        "in cm and order of neighbours: `without …` is the locator less one part (search, signs and "
        "evenness are parts of coupling), the last six are published methods on the same reads. `x3`: three "
        "boards in one row. `without poses`: by time alone, as a hand-held reader goes.",
        ("python", "-m", "tests.bench.locate_figures", "--plot", "docs/reliability.png"),
        ("reliability.png", "Of the places said with so much confidence, so many held; a dot's area: tags"),
    ),
    Section(
        "own",
        "Book positions, scenes of our own",
        "Scenes like the simulated ones, by the same field equation; echoes, coupling, noise, hops and the "
        "cart's weaving are as measured on those. One file's order is sure to .035, this one's to .01. "
        "`within_90`: of the true places, within 1.64 deviations; `gross`: more than three away.",
        ("python", "-m", "tests.bench.locate_figures", "--own", "8"),
    ),
    Section(
        "troubles",
        "What locating stands",
        "The hopping recordings, each with one trouble more, drawn the same way in every run: ours beside "
        "the plain differential hologram. Wanted: half turns in half of the reads no worse than none.",
        ("python", "-m", "tests.bench.locate_troubles"),
    ),
    Section(
        "bounds",
        "What reads alone can tell of a place",
        "Scenes of our own, from the field equation. `noise`: were all echoes known. `two points`: local "
        "bound for two scatterers a tag, which no method need reach. `many points`: the optimum where "
        "scatterers are many; the locator's posterior is exact there. `two points reached`: the posterior "
        "over all pairs of points (on a grid), where the shelf's reflections, the number of points, their "
        "laws and the noise are all known, and no other tag couples: more than a scan is told beforehand. "
        "`coupled`: the same where the tags beside it, whose places are told, pass the field on as in scenes "
        "like the data's: about what the locator reaches there. One tag at a time: books' thicknesses add to "
        "it. "
        "It stays below what is wanted of the simulated scenes, 0.90 and 0.80 in order.",
        ("python", "-m", "tests.bench.echo_bound"),
    ),
    Section(
        "array",
        "What a coupled array can tell of two neighbours",
        "The real recordings with three boards in one row. An oracle is told the boards and the places of "
        "all tags but the two that it compares, and fits a plane of alike dipoles. Wanted is 0.90; it "
        "reaches that on one of the three streams. It bounds that model only, which leaves a fifth of the "
        "power unexplained.",
        ("python", "-m", "tests.bench.array_bound"),
    ),
    Section(
        "inventory",
        "Stock-take (simulated scenes)",
        "Wanted: misplaced F1 0.95 (`standard`) and 0.85 (`hard`), missing F1 0.97 and 0.93, at most 2 "
        "and 10 false alarms a thousand books, neighbours in order 0.99 and 0.95 with the shelf list.",
        ("python", "-m", "tests.bench.inventory_figures", "--own", "6"),
    ),
    Section(
        "seats",
        "What a stock-take could find",
        "The same scenes of our own. An oracle is told the board of every book, the places of all others "
        "on it, the thicknesses' law and how books were moved; of the book it knows what its reads say. "
        "`seats_of_moved`: the share of moved books that it puts into the right gap; a wrong one makes a "
        "pair of neighbours wrong. It leaves out where tags were read at all, so that its F1 is no limit; "
        "its order stays below the .99 that is wanted.",
        ("python", "-m", "tests.bench.inventory_bound", "--scenes", "6"),
    ),
    Section(
        "spaces",
        "People in spaces",
        "MAE in people beside the baselines, run by the same command; days are never shuffled. `edge` is "
        "`edge spaces`: settled, in the light of the whole recording, as reports want it. `live` is "
        "`edge spaces --live`: nothing looks ahead, as the daemon tells it, and as the baselines do. The "
        "truth of `uci357` says whether somebody was there, not how many: three fifths of `edge`'s error "
        "there are steps in which it tells two.",
        ("python", "-m", "tests.bench.spaces_figures"),
    ),
    Section(
        "weeks",
        "People in weeks of our own",
        "Other buildings, visitors and errors of sensors each time, drawn as the simulated week's README "
        "says. Mean error in people while open by room, and at closing; true values within 1.64 deviations; "
        "alarms at 80 % of the capacity as told, with hysteresis, and as episodes. Wanted of the simulated "
        "week: 1.7, 2 and 0.95. `oracle` is the same filter, told the shares that each counter misses, the "
        "air, the offsets and the devices a head, as no building tells them.",
        ("python", "-m", "tests.bench.spaces_own"),
    ),
    Section(
        "peoples",
        "What the estimates of people stand",
        "Recordings with one trouble more each, drawn the same way in every run: MAE of `edge spaces` beside "
        "the doors' in − out from 0 at 04:00, or nobody where no door counts.",
        ("python", "-m", "tests.bench.spaces_troubles"),
    ),
    Section(
        "delivery",
        "Delivery",
        "Wanted: outbox 50,000 records/s in groups; MQTT 10,000 acknowledged/s on loopback and 3,000/s "
        "at 20 ms round trip; InfluxDB 500,000 points/s encoded and half of what the server takes from "
        "a bare client.",
        ("python", "-m", "tests.bench.delivery_figures"),
    ),
    Section(
        "torture",
        "Faults",
        "Wanted: nothing lost that was acknowledged, nothing twice after its id, recovery without a person. "
        "These are the minutes that CI has for it.",
        ("python", "-m", "tests.torture"),
    ),
    Section(
        "night",
        "Faults, a night's lot",
        "The same at full size, and what takes too long for CI, as `make torture` found it last. Wanted "
        "besides: 1,000 SIGKILLs at random moments, 0 of 30,000 readings lost where other agents lose "
        "2,600 to 17,500, and memory within 20 % of flat over a backlog of 5 GB.",
        ("python", "-m", "tests.torture", "--last"),
    ),
)


def machine() -> str:
    """What this was measured on, in a line."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    name = cpu[1] if cpu else platform.machine()
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}"


def block(section: Section) -> str:
    """The section with its command's output."""
    program = [sys.executable, "-m", "edge"] if section.command[0] == "edge" else [sys.executable]
    command = [*program, *section.command[1:]]
    done = subprocess.run(
        command, cwd=ROOT, env=_with_influxd(), capture_output=True, text=True, timeout=3600
    )
    output = done.stdout.strip() or f"failed: {done.stderr.strip().splitlines()[-1:]}"
    shown = " ".join(f'"{word}"' if " " in word else word for word in section.command)
    head = f"{_mark(section.name)}\n## {section.title}\n\n{section.wanted}"
    drawn = f"\n![{section.picture[1]}]({section.picture[0]})\n" if section.picture else ""
    return f"{head}\n\n```text\n$ {shown}\n{output}\n```\n{drawn}"


def _with_influxd() -> dict[str, str]:
    """What CI has built is found by name, as what is installed is."""
    try:
        path = program("influxd", "influxd.sh")
    except Skipped:
        return dict(os.environ)
    return os.environ | {"PATH": f"{Path(path).parent}:{os.environ['PATH']}"}


def _mark(name: str) -> str:
    return f"<!-- {name} -->"


def page(parts: dict[str, str]) -> str:
    head = (
        "# Results\n\n"
        f"Made by `make figures` on {machine()}.\n"
        "Machines differ, and this one is shared: ratios hold better than rates. The recordings are\n"
        "development data that was looked at while building: expect less on others.\n"
    )
    return "\n".join([head, *(parts[section.name] for section in SECTIONS if section.name in parts)])


def parts_of(text: str) -> dict[str, str]:
    """The sections of an older page, to be kept where only some are measured again."""
    found = re.split(r"^<!-- (\w+) -->\n", text, flags=re.MULTILINE)
    return {
        name: f"{_mark(name)}\n{body.rstrip()}\n" for name, body in zip(found[1::2], found[2::2], strict=True)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [section.name for section in SECTIONS]
    parser.add_argument("--only", action="append", choices=names)
    only = parser.parse_args().only
    parts = parts_of(PAGE.read_text()) if PAGE.exists() else {}
    for section in SECTIONS:
        if not only or section.name in only:
            parts[section.name] = block(section)
            PAGE.write_text(page(parts))


if __name__ == "__main__":
    main()
