"""A backlog of gigabytes: all of it reaches a real subscriber, live events pass it, and memory stays flat."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.real.mosquitto import Mosquitto
from tests.torture import rounds

MEGABYTES = rounds(20, 5_000)


@contextmanager
def child(module: str, *words: object) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", f"tests.torture.{module}", *map(str, words)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.close()


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.timeout(3000)
def test_a_backlog_goes_out_behind_live_events_with_memory_flat(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    with child("backlog", tmp_path, broker.port, MEGABYTES * 10**6) as sender:
        assert said(sender) == "full"
        broker.start()
        try:
            with child("subscriber", broker.port) as subscriber:
                assert said(subscriber) == "ready"
                go_on(sender)
                sent = json.loads(said(sender))
                go_on(subscriber)
                came = json.loads(said(subscriber))
        finally:
            broker.stop()
    assert came["different"] == sent["records"] == came["highest"] + 1, (sent, came)
    assert came["live"] >= sent["live"]
    assert sent["fill_growth"] < 1.2
    assert sent["drain_growth"] < 1.2
    print(
        f"{sent['bytes'] / 1e9:.2f} GB on disk, {sent['records']} records, 0 lost at a real subscriber, "
        f"{came['repeats']} repeats, out in {sent['drain_s']:.0f} s; {sent['live']} live events meanwhile, "
        f"each there within {came['longest_live_s']} s; RSS at most {sent['most_mb']:.0f} MB, grew by "
        f"{100 * (sent['fill_growth'] - 1):.0f} % filling and {100 * (sent['drain_growth'] - 1):.0f} % "
        "delivering"
    )
