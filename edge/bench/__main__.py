"""Runs one case in this process and prints its figures as JSON: `python -m edge.bench CASE`."""

import importlib
import json
import sys

from edge.bench import CASES


def main() -> None:
    """Print the figures of the case that the command line names."""
    (name,) = sys.argv[1:]
    assert name in CASES
    case = importlib.import_module(f"edge.bench.{name}")
    print(json.dumps([figure.as_dict() for figure in case.run()]))


main()
