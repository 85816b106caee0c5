"""The faults and what became of each, a line a fault: `python -m tests.torture`.

Some minutes as in CI; a night's lot with EDGE_TORTURE=full.
"""

import contextlib
import io
import sys
from pathlib import Path

import pytest


class Teller:
    """What a test printed is its figure."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or (not report.passed and report.when == "setup"):
            name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
            figure = " ".join(report.capstdout.split())
            self.lines.append(f"{report.outcome:8} {name}" + (f": {figure}" if figure else ""))


def main() -> int:
    teller = Teller()
    with contextlib.redirect_stdout(io.StringIO()):
        code = pytest.main(["-q", "-p", "no:cacheprovider", str(Path(__file__).parent)], [teller])
    print("\n".join(teller.lines))
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
