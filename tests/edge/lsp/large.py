"""A list of 200,000 books in parts, taken in, kept and loaded again: `python -m tests.edge.lsp.large FOLDER`.

In a process of its own, so that its memory is its own; prints seconds and megabytes as JSON.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from edge.lsp.parts import Assembler, part_of
from edge.lsp.store import Store

BOOKS, PARTS = 200_000, 100


def payloads() -> Iterator[tuple[int, bytes]]:
    """One after another, as they come from a broker."""
    size = BOOKS // PARTS
    for part in range(PARTS):
        rows = [
            {
                "barcode": f"{n:09d}",
                "epc": f"E2{n:022X}",
                "call_number": f"TP{n % 900}.{n % 97}/Z{n % 763}",
                "scheme": "clc",
                "title": f"数据结构与算法 第{n}册",
                "shelf": f"a{n % 400:03d}-{n % 6}",
                "status": "available",
            }
            for n in range(part * size, (part + 1) * size)
        ]
        yield part, part_of("1", part, PARTS, rows)


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def main(folder: Path) -> None:
    before_mb, peak_mb, taken_s = resident_mb(), 0.0, 0.0
    assembler, whole = Assembler(), None
    for part, payload in payloads():
        began = time.process_time()
        whole = assembler.put(str(part), payload)
        taken_s += time.process_time() - began
        peak_mb = max(peak_mb, resident_mb())
    assert whole is not None
    began = time.process_time()
    store = Store(folder / "lsp.db")
    store.replace_books(whole.books, whole.fingerprint)
    kept_s = time.process_time() - began
    del whole, assembler
    began = time.process_time()
    n = len(store.books())
    loaded_s = time.process_time() - began
    store.close()
    figures = {"taken_s": taken_s, "kept_s": kept_s, "loaded_s": loaded_s, "mb": peak_mb - before_mb}
    print(json.dumps({"books": n, **{name: round(value, 2) for name, value in figures.items()}}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
