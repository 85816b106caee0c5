"""Recordings with known places: what is there to find, and how a result is scored (the data's README)."""

import csv
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

FEW: Final = 5


@dataclass(frozen=True, slots=True)
class Known:
    """One tag's true place; `row` separates boards that share a shelf, `copy` marks copies of one title."""

    x_m: float
    shelf: str
    row: str
    copy: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a method says of one tag."""

    shelf: str
    x_m: float
    x_sd_m: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Score:
    """One recording's score; errors in m with the run's own median taken away, `sigmas` over `x_sd_m`."""

    tags: int
    located: int
    right_board: int
    errors_m: tuple[float, ...]
    pairs: tuple[bool, ...]
    sigmas: tuple[float, ...]
    sure: tuple[tuple[float, bool], ...]
    seconds: float


def recordings(data_dir: Path) -> Iterator[tuple[str, Path]]:
    """(set, recording) for everything that has true places."""
    for folder in ("adarf", "adarf-hop", "adarf-1ch-4cm"):
        for path in sorted((data_dir / "rfid" / folder).glob("*.jsonl.gz")):
            name, spacing = path.name.split("-")[:2]
            yield f"{folder} {spacing}" + (" three boards" if name == "d5" else ""), path
    for path in sorted((data_dir / "sim").glob("*/*.jsonl.gz")):
        if (path.parent / "shelf_list.csv").exists():
            yield f"sim {path.parent.name.rsplit('-', 1)[0]}", path


def lengths(path: Path) -> dict[str, float]:
    """The boards' lengths by the site file beside a recording, in m; a rail has none."""
    site = path.parent / "site.toml"
    if not site.exists():
        return {}
    return {shelf["id"]: shelf["length_m"] for shelf in tomllib.loads(site.read_text())["shelf"]}


def truth(path: Path) -> dict[str, Known]:
    """The true places of a recording's tags that count."""
    rows = path.with_name(path.name.replace(".jsonl.gz", ".truth.csv"))
    if rows.exists():
        with rows.open() as text:
            return {r["epc"]: Known(float(r["x_m"]), "rail", r["row"], None) for r in csv.DictReader(text)}
    document = json.loads((path.parent / "truth.json").read_text())
    known = {}
    for book in document["books"]:
        if book["present"] and book["readable"] and book["scanned"] and not book["flat"]:
            known[book["epc"]] = Known(book["x_m"], book["shelf"], book["shelf"], book["call_number"])
    for tag in document["unknown_tags"]:
        known[tag["epc"]] = Known(tag["x_m"], tag["shelf"], tag["shelf"], None)
    return known


def score(known: Mapping[str, Known], read: set[str], found: Mapping[str, Found], seconds: float) -> Score:
    """Score what was found of the tags that were read at all."""
    rows: dict[str, list[tuple[str, Known]]] = {}
    for epc, one in known.items():
        if epc in read:
            rows.setdefault(one.row, []).append((epc, one))
    right = {e for row in rows.values() for e, one in row if e in found and found[e].shelf == one.shelf}
    offsets = [found[e].x_m - known[e].x_m for e in right]
    middle = float(np.median(offsets)) if offsets else 0.0
    pairs: list[bool] = []
    sure: list[tuple[float, bool]] = []
    for row in rows.values():
        row.sort(key=_place)
        good = [_in_order(a, b, found, right) for a, b in pairwise(row)]
        pairs.extend(good)
        for n, (epc, _) in enumerate(row):
            if epc in found:
                holds = epc in right and all(good[max(0, n - 1) : n + 1])
                sure.append((found[epc].confidence, holds))
    errors = [abs(found[e].x_m - known[e].x_m - middle) for e in right]
    return Score(
        tags=sum(map(len, rows.values())),
        located=sum(e in found for row in rows.values() for e, _ in row),
        right_board=len(right),
        errors_m=tuple(errors),
        pairs=tuple(pairs),
        sigmas=tuple(x / found[e].x_sd_m for e, x in zip(right, errors, strict=True)),
        sure=tuple(sure),
        seconds=seconds,
    )


def _place(item: tuple[str, Known]) -> float:
    return item[1].x_m


def _in_order(
    a: tuple[str, Known], b: tuple[str, Known], found: Mapping[str, Found], right: set[str]
) -> bool:
    if a[0] not in right or b[0] not in right:
        return False
    same = a[1].copy is not None and a[1].copy == b[1].copy
    return same or found[b[0]].x_m > found[a[0]].x_m


def summary(scores: list[Score]) -> dict[str, float]:
    """A set's figures: errors in cm, shares, Brier score, milliseconds a tag."""
    errors = np.array([e for s in scores for e in s.errors_m]) * 100.0
    sure = np.array([pair for s in scores for pair in s.sure], np.float64).reshape(-1, 2)
    sigmas = np.array([z for s in scores for z in s.sigmas])
    tags = sum(s.tags for s in scores)
    return {
        "runs": len(scores),
        "tags": tags,
        "located": sum(s.located for s in scores) / max(tags, 1),
        "right_board": sum(s.right_board for s in scores) / max(tags, 1),
        "median_cm": float(np.median(errors)) if len(errors) else float("nan"),
        "mean_cm": float(errors.mean()) if len(errors) else float("nan"),
        "p90_cm": float(np.percentile(errors, 90)) if len(errors) else float("nan"),
        "order": float(np.mean([p for s in scores for p in s.pairs])),
        "brier": float(np.mean((sure[:, 0] - sure[:, 1]) ** 2)) if len(sure) else float("nan"),
        "within_90": float(np.mean(sigmas <= 1.645)),
        "gross": float(np.mean(sigmas > 3.0)),
        "ms_per_tag": 1000.0 * sum(s.seconds for s in scores) / max(tags, 1),
    }


def reliability(scores: list[Score], bins: int = 10) -> list[dict[str, float]]:
    """The reliability diagram of `confidence`: what was said, what held and how often, FEW at least."""
    sure = np.array([pair for s in scores for pair in s.sure], np.float64).reshape(-1, 2)
    place = np.minimum((sure[:, 0] * bins).astype(int), bins - 1)
    return [
        {
            "said": float(sure[place == n, 0].mean()),
            "held": float(sure[place == n, 1].mean()),
            "tags": int((place == n).sum()),
        }
        for n in range(bins)
        if (place == n).sum() >= FEW
    ]
