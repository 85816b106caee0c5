"""The faults and what became of each, a line a fault: `python -m tests.torture`.

Some minutes as in CI; a night's lot with --full (`make torture`), which is kept in night.json for the page of
results, and shown again by --last. A part of the night may be run again alone: --full --only WORDS.
"""

import argparse
import contextlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import pytest

NIGHT: Final = Path(__file__).with_name("night.json")


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one fault; what its test printed is its figure."""

    outcome: str
    figure: str
    seconds: float

    def line(self, name: str) -> str:
        return f"{self.outcome:8} {name}" + (f": {self.figure}" if self.figure else "")


class Teller:
    """Listens to the tests and says a line for each as it ends."""

    def __init__(self, told: dict[str, Told]) -> None:
        self.told = told

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or (not report.passed and report.when == "setup"):
            name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
            figure = " ".join(report.capstdout.split())
            self.told[name] = Told(report.outcome, figure, round(report.duration, 1))
            print(self.told[name].line(name), file=sys.stderr, flush=True)


def last_night() -> dict[str, Told]:
    """What `make torture` found when it ran last."""
    kept = json.loads(NIGHT.read_text()) if NIGHT.exists() else {}
    return {name: Told(**one) for name, one in kept.items()}


def run(words: list[str], told: dict[str, Told]) -> int:
    # What pytest says of its own is no part of the answer.
    with contextlib.redirect_stdout(open(os.devnull, "w")):
        return pytest.main(
            ["-q", "-p", "no:cacheprovider", *words, str(Path(__file__).parent)], [Teller(told)]
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="a night's lot, kept in night.json")
    parser.add_argument("--only", metavar="WORDS", help="as pytest's -k")
    parser.add_argument("--last", action="store_true", help="show the last night's lot")
    options = parser.parse_args()
    told = last_night() if options.last or (options.full and options.only) else {}
    code = 0
    if not options.last:
        if options.full:
            os.environ["EDGE_TORTURE"] = "full"
        code = run(["-k", options.only] if options.only else [], told)
        if options.full:
            kept = {name: asdict(one) for name, one in sorted(told.items())}
            NIGHT.write_text(json.dumps(kept, indent=1) + "\n")
    print("\n".join(told[name].line(name) for name in sorted(told)))
    return code


if __name__ == "__main__":
    sys.exit(main())
