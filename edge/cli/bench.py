"""`edge bench`: how fast this machine is at what the daemon does."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click

from edge.bench import CASES
from edge.cli.common import json_option, print_json
from edge.errors import ConfigError, EdgeError


@click.command()
@click.argument("cases", nargs=-1, metavar="[CASE]…")
@click.option("--list", "only_list", is_flag=True, help="Only tell which cases there are.")
@json_option
def command(cases: tuple[str, ...], only_list: bool, as_json: bool) -> None:
    """Measure CASEs, or all of them, each in a process of its own.

    Machines differ: compare figures only with those of the same machine, kernels with their twins.
    """
    for case in cases:
        if case not in CASES:
            raise ConfigError(f"case: expected one of {', '.join(CASES)}, found {case!r}")
    if only_list:
        _list(as_json)
        return
    found = [figure for case in cases or CASES for figure in _run(case, quiet=as_json)]
    if as_json:
        print_json({"figures": found})


def _list(as_json: bool) -> None:
    if as_json:
        print_json({"cases": CASES})
        return
    for name, what in CASES.items():
        click.echo(f"{name:12} {what}")


def _run(case: str, *, quiet: bool) -> Iterator[Mapping[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "edge.bench", case], capture_output=True, text=True, timeout=1800, check=False
    )
    if done.returncode:
        raise EdgeError(f"bench {case}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    for figure in json.loads(done.stdout):
        if not quiet:
            _show(figure)
        yield figure


def _show(figure: Mapping[str, Any]) -> None:
    click.echo(
        f"{figure['case']:10} {figure['what']:44} {figure['per_s']:>14,.0f} {figure['unit']}/s"
        f" {figure['cpu_s_per_million']:>10.2f} CPU-s/million {figure['peak_mb']:>6.0f} MB"
    )
