"""Warmer and colder, from reads as a hand-held reader gives them."""

import json
from pathlib import Path

import numpy as np
import pytest

from edge.columns import F64, TagColumns, TagMemory, take
from edge.fusion.seek import BIN_NS, Bearing, Seek, Trend, wanted_book
from edge.library.shelf_list import book_of
from edge.library.tags.epc_bank import encode_epc_bank
from edge.library.tags.urn40 import encode_urn40
from edge.recording import read

S = 1_000_000_000
EPC = "E280AA"
LAG_NS = 400_000_000
"""So much a quick mean is behind what it follows."""


def walk(distance_m: F64, seed: int = 1, per_s: int = 20, noise_db: float = 3.0) -> TagColumns:
    """Reads of the tag (and as many of others) at these distances, which are spread evenly over time."""
    rng = np.random.default_rng(seed)
    n = len(distance_m)
    t_ns = (1_790_000_000 * S + np.arange(n) * S // per_s).astype(np.int64)
    fades = rng.normal(0, noise_db, n) - 6.0 * (rng.random(n) < 0.2)
    rssi = -45.0 - 35.0 * np.log10(np.maximum(distance_m, 0.2)) + fades
    other = rng.normal(-50, 5, n)
    return TagColumns(
        t_ns=np.repeat(t_ns, 2),
        source=np.zeros(2 * n, np.intp),
        antenna=np.zeros(2 * n, np.intp),
        tag=np.tile(np.array([0, 1], np.intp), n),
        rssi_dbm=np.stack([rssi, other], 1).ravel(),
        phase_rad=np.full(2 * n, np.nan),
        freq_mhz=np.full(2 * n, np.nan),
        doppler_hz=np.full(2 * n, np.nan),
        sources=("wand",),
        epcs=(EPC, "E280BB"),
    )


def bearings(tags: TagColumns) -> list[Bearing]:
    return list(Seek(lambda epc, _: epc == EPC).take(tags))


def share(found: list[Bearing], trend: Trend) -> float:
    return sum(one.trend is trend for one in found) / len(found)


@pytest.mark.parametrize("seed", range(5))
def test_who_comes_nearer_is_told_so_and_who_goes_away_too(seed: int) -> None:
    there, back = np.linspace(3.0, 0.3, 200), np.linspace(0.3, 3.0, 200)
    found = bearings(walk(np.concatenate([there, back]), seed))
    nearer, away = found[8:47], found[58:97]
    assert share(nearer, Trend.COLDER) < 0.1
    assert share(nearer, Trend.WARMER) > 0.6
    assert share(away, Trend.WARMER) < 0.1
    assert share(away, Trend.COLDER) > 0.6


def test_the_bar_is_longest_where_the_book_is() -> None:
    distance = np.abs(np.linspace(-2.0, 2.0, 400))
    found = bearings(walk(distance))
    best = int(np.argmax([one.rssi_dbm for one in found]))
    assert abs(best / len(found) - 0.5) < 0.08
    assert found[best].level > 0.9
    assert found[0].level < 0.7


@pytest.mark.parametrize("seed", range(5))
def test_who_stands_still_is_not_sent_about(seed: int) -> None:
    found = bearings(walk(np.full(400, 1.0), seed))
    assert share(found[10:], Trend.STEADY) > 0.6


def test_silence_is_told_within_two_seconds_and_the_bar_is_empty() -> None:
    seek = Seek(lambda epc, _: epc == EPC)
    tags = walk(np.full(100, 0.5))
    list(seek.take(tags))
    end_ns = int(tags.t_ns[-1])
    *_, last = seek.until(end_ns + 2 * S)
    assert (last.trend, last.level, last.rssi_dbm) == (Trend.SILENT, 0.0, None)
    assert len(list(seek.until(end_ns + 86_400 * S))) < 20


def test_a_reader_without_rssi_says_at_least_that_it_answers() -> None:
    tags = walk(np.full(40, 1.0))
    tags.rssi_dbm[:] = np.nan
    found = bearings(tags)
    assert {one.trend for one in found} == {Trend.STEADY}
    assert {one.rssi_dbm for one in found} == {None}


def test_bearings_come_at_an_even_pace_by_the_time_of_the_readings() -> None:
    times = [one.t_ns for one in bearings(walk(np.full(100, 1.0)))]
    assert set(np.diff(times)) == {BIN_NS}


def test_a_book_is_known_by_the_lists_epc_or_by_what_its_tag_holds() -> None:
    by_list = wanted_book("1", book_of(["1", EPC, "A", "", "", "", "", ""])[0])
    assert by_list(EPC, TagMemory())
    assert not by_list("E280BB", TagMemory())
    bank = encode_epc_bank(encode_urn40("CH-000134-1.012345678901"), 0x5C2)
    in_tag = wanted_book("012345678901", None)
    assert in_tag(bank[2:].hex().upper(), TagMemory(pc=bank[:2].hex().upper())) or in_tag(
        bank[4:].hex().upper(), TagMemory(pc=bank[2:4].hex().upper())
    )
    assert not in_tag("E28011606000020D5F3A1B2C", TagMemory())


@pytest.mark.slow
@pytest.mark.parametrize("scene", ["standard-2", "hard-3"])
def test_the_bar_is_longest_at_the_book_on_a_recorded_walk(data_dir: Path, scene: str) -> None:
    folder = data_dir / "sim" / scene
    window, _ = read([str(folder / f"{scene}.jsonl.gz")])
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    poses, on_board, errors_m = window.poses, [], []
    for book in [one for one in truth["books"] if one["scanned"] and one["reads"] >= 20][::6]:
        is_it = np.array([epc == book["epc"] for epc in window.tags.epcs], np.bool_)[window.tags.tag]
        seek = Seek(lambda epc, _, wanted=book["epc"]: epc == wanted)  # type: ignore[misc]
        heard = [one for one in seek.take(take(window.tags, is_it)) if one.rssi_dbm is not None]
        best = max(heard, key=lambda one: one.rssi_dbm or -200.0)
        at = int(np.argmin(np.abs(poses.t_ns - best.t_ns + LAG_NS)))
        on_board.append(poses.shelves[poses.shelf[at]] == book["shelf"])
        if on_board[-1]:
            errors_m.append(abs(poses.x_m[at] - book["x_m"]))
    assert np.mean(on_board) > 0.8
    assert np.median(errors_m) < 0.15
