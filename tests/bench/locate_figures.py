"""Figures of locating: our locator, its ablations and the published methods on all known places.

Run `python -m tests.bench.locate_figures [--json] [--only ours] [--plot FILE] [DATA_DIR]`, or with `--own N`
on so many scenes of our own of each kind instead of the recordings.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from edge.fusion.locate import Options, locate
from edge.fusion.window import Window
from edge.recording import read
from tests.bench.baselines import hologram, hyperbola, rssi_centroid, stpp
from tests.bench.baselines.common import Method, tag_reads
from tests.bench.handheld import orders
from tests.bench.locate_plot import plot
from tests.bench.locate_scene import Found, Score, lengths, recordings, reliability, score, summary, truth
from tests.bench.stocktake_books import KINDS as SCENES
from tests.bench.stocktake_scene import write

Places = Callable[[Window, Mapping[str, float]], dict[str, Found]]
KINDS: Final = ("real", "simulated")
DATA: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def ours(options: Options) -> Places:
    """Our locator with the given options."""

    def places(window: Window, lengths_m: Mapping[str, float]) -> dict[str, Found]:
        result = locate(window, lengths_m, options)
        return {p.epc: Found(p.shelf, p.x_m, p.x_sd_m, p.confidence) for p in result.places}

    return places


def baseline(method: Method) -> Places:
    """A published method on the same reads; it says nothing of its own certainty."""

    def places(window: Window, lengths_m: Mapping[str, float]) -> dict[str, Found]:
        del lengths_m
        return {one.epc: Found(one.shelf, method(one), float("nan"), 1.0) for one in tag_reads(window)}

    return places


COLUMNS: Final = (
    *("located", "median_cm", "mean_cm", "p90_cm"),
    *("order", "brier", "within_90", "gross", "ms_per_tag"),
)
FULL: Final = Options()
METHODS: Final[dict[str, Places]] = {
    "ours": ours(FULL),
    "the quick way": ours(replace(FULL, thorough=False)),
    "without boards' ends": ours(replace(FULL, ends=False)),
    "without boards' zeros": ours(replace(FULL, zeros=False)),
    "without echoes": ours(replace(FULL, echoes=False)),
    "without gaps": ours(replace(FULL, gaps=False)),
    "without slips": ours(replace(FULL, slips=False)),
    "without points": ours(replace(FULL, points=False)),
    "without path's errors": ours(replace(FULL, path=False)),
    "without coupling": ours(replace(FULL, coupling=False)),
    "without columns": ours(replace(FULL, columns=False)),
    "without search": ours(replace(FULL, search=False)),
    "without signs": ours(replace(FULL, signs=False)),
    "without evenness": ours(replace(FULL, evenness=False)),
    "without refinement": ours(replace(FULL, coupling=False, refine=False)),
    "without port length": ours(replace(FULL, lengths=False)),
    "without half turns": ours(replace(FULL, half_turns=False)),
    "without amplitude": ours(replace(FULL, amplitude=False)),
    "RSSI centroid": baseline(rssi_centroid.place),
    "STPP": baseline(stpp.place),
    "hyperbola fit": baseline(hyperbola.place),
    "differential hologram": baseline(hologram.plain),
    "Tagoram DAH": baseline(hologram.tagoram),
    "MobiTagbot weights": baseline(hologram.mobitagbot),
}
ON_OWN: Final = ("ours", "the quick way", "differential hologram")


def figures(data_dir: Path, methods: tuple[str, ...] = tuple(METHODS)) -> dict[str, Any]:
    """{"sets": {set: {method: figures}}, "reliability": {kind: diagram of our confidence}}."""
    scores = scored(recordings(data_dir), methods)
    by_kind: dict[str, list[Score]] = {}
    for name, by_method in scores.items():
        by_kind.setdefault(KINDS[name.startswith("sim")], []).extend(by_method.get("ours", []))
    return {
        "sets": _summaries(scores),
        "reliability": {kind: reliability(own) for kind, own in by_kind.items()},
    }


def own_figures(scenes: int, methods: tuple[str, ...] = ON_OWN) -> dict[str, dict[str, dict[str, float]]]:
    """{set: {method: figures}} of so many scenes of our own of each kind, from their reads alone."""
    with TemporaryDirectory() as folder:
        return _summaries(scored(_own(Path(folder), scenes), methods))


def _own(folder: Path, scenes: int) -> Iterator[tuple[str, Path]]:
    for name, kind in SCENES.items():
        for seed in range(1, scenes + 1):
            one = folder / f"{name}-{seed}"
            write(one, kind, seed)
            yield f"own {name} ({scenes})", one / f"{one.name}.jsonl.gz"


def scored(named: Iterable[tuple[str, Path]], methods: tuple[str, ...]) -> dict[str, dict[str, list[Score]]]:
    """{set: {method: scores of its recordings}}."""
    scores: dict[str, dict[str, list[Score]]] = {}
    for name, path in named:
        window, _ = read([path])
        known, seen, lengths_m = truth(path), set(window.tags.epcs), lengths(path)
        for method in methods:
            start = time.process_time()
            found = METHODS[method](window, lengths_m)
            took = time.process_time() - start
            scores.setdefault(name, {}).setdefault(method, []).append(score(known, seen, found, took))
    return scores


def _summaries(scores: dict[str, dict[str, list[Score]]]) -> dict[str, dict[str, dict[str, float]]]:
    return {name: {m: summary(s) for m, s in by.items()} for name, by in scores.items()}


def table(sets: dict[str, dict[str, dict[str, float]]], method: str = "ours") -> Iterator[str]:
    """One method's figures, a set a line."""
    yield f"{method:28} " + " ".join(f"{column:>11}" for column in COLUMNS)
    for name, by_method in sets.items():
        if method in by_method:
            yield f"{name:28} " + " ".join(f"{by_method[method][column]:11.3f}" for column in COLUMNS)


def comparison(sets: dict[str, dict[str, dict[str, float]]]) -> Iterator[str]:
    """Every method on every set: median error in cm / order of neighbours."""
    for kind in dict.fromkeys(name.split()[0] for name in sets):
        chosen = {name: by for name, by in sets.items() if name.split()[0] == kind}
        heads = [name.removeprefix(kind).replace("three boards", "x3").strip() for name in chosen]
        yield ""
        yield f"{kind:22} " + " ".join(f"{head:>11}" for head in heads)
        for method in next(iter(chosen.values())):
            rows = [by[method] for by in chosen.values()]
            yield f"{method:22} " + " ".join(f"{r['median_cm']:6.2f}/{r['order']:.2f}" for r in rows)


def certainty(diagram: dict[str, list[dict[str, float]]]) -> Iterator[str]:
    """The reliability diagram as text."""
    yield ""
    yield "confidence: said > held (tags)"
    for kind, bins in diagram.items():
        cells = (f"{b['said']:.2f} > {b['held']:.2f} ({b['tags']})" for b in bins)
        yield f"{kind:10} " + "   ".join(cells)


def main() -> None:
    """Print the table, or the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_dir", nargs="?", type=Path, default=DATA)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", action="append", choices=list(METHODS))
    parser.add_argument("--own", type=int, default=0, help="so many scenes of our own of each kind")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the reliability diagram")
    given = parser.parse_args()
    if given.own:
        _tell_own(own_figures(given.own), given.json)
        return
    document = figures(given.data_dir, tuple(given.only or METHODS))
    if given.json:
        json.dump(document, sys.stdout, indent=1)
        return
    sets = document["sets"]
    print("\n".join([*table(sets), *comparison(sets), *certainty(document["reliability"])]))
    print("\n".join(orders(given.data_dir)))
    if given.plot:
        plot(document["reliability"], given.plot)


def _tell_own(sets: dict[str, dict[str, dict[str, float]]], as_json: bool) -> None:
    if as_json:
        json.dump({"sets": sets}, sys.stdout, indent=1)
        return
    print("\n\n".join("\n".join(table(sets, method)) for method in ON_OWN))


if __name__ == "__main__":
    main()
