"""`edge call-numbers sort`."""

import random
import time
from pathlib import Path

from click.testing import CliRunner, Result

from edge.cli.call_numbers import command


def sort(scheme: str, text: str | bytes, *more: str) -> Result:
    return CliRunner().invoke(command, ["sort", "--scheme", scheme, *more], input=text)


def test_stdin_comes_out_in_shelf_order() -> None:
    assert sort("clc", "TP32\nTP311/10\nTP311/2\n").output == "TP311/2\nTP311/10\nTP32\n"


def test_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "numbers.txt"
    file.write_text("TP32\nTP311", encoding="utf-8")
    assert sort("clc", "", str(file)).output == "TP311\nTP32\n"


def test_nothing_in_nothing_out() -> None:
    assert sort("lcc", "").output == ""


def test_odd_lines_come_out_unchanged() -> None:
    odd = [b"\xff\xfe", b"", b"\x00\x1b[2J", "图书".encode(), b"=cmd()", b"338.1 F8\r", b"A" * 5000, b"B0"]
    for scheme in ("clc", "lcc", "ddc"):
        result = sort(scheme, b"\n".join(odd) + b"\n")
        assert result.exit_code == 0
        assert sorted(result.stdout_bytes.removesuffix(b"\n").split(b"\n")) == sorted(odd)


def test_missing_file_is_one_line() -> None:
    result = sort("clc", "", "nowhere.txt")
    assert "nowhere.txt" in str(result.exception)


def test_fifty_thousand_numbers_take_less_than_a_second() -> None:
    rng = random.Random(1)
    numbers = "\n".join(
        f"TP{rng.random():.5f}/Z{rng.randrange(999)}({rng.randrange(9)})" for _ in range(50_000)
    )
    started = time.process_time()
    assert sort("clc", numbers).exit_code == 0
    assert time.process_time() - started < 1.0
