"""Boards of tags: held against every board's evidence written out."""

import numpy as np

from edge.fusion.locate.board import LOUD_PERCENTILE, PER_DB, PER_LOG_READ, choose_boards, told
from edge.fusion.locate.path import Pass
from edge.fusion.locate.tracks import Tracks

TAGS, READS = 6, 300
SECONDS = (4.0, 5.0, 4.0, 3.0)
SHELVES = ("a", "b", "a", "c")


def one_pass(shelf: str, seconds: float) -> Pass:
    t_ns = np.array([0, round(seconds * 1e9)], np.int64)
    return Pass("cart", shelf, t_ns, np.array([0.0, 1.0]), np.zeros(2), np.zeros(2))


def tracks() -> Tracks:
    rng = np.random.default_rng(2)
    leg = np.sort(rng.integers(0, len(SHELVES), READS))
    tag = rng.integers(0, TAGS - 1, READS)
    tag[(tag == 2) & (leg == 1)] = 3
    rssi_dbm = np.where(rng.random(READS) < 0.2, np.nan, rng.normal(-55.0, 4.0, READS))
    rssi_dbm[tag == 4] = np.nan
    none = np.zeros(READS)
    return Tracks(np.zeros(READS, np.intp), leg, tag, none, none, none, none, rssi_dbm, none, (("cart", 1),))


def score(of: Tracks, tag: int, shelf: str, seconds: float) -> float:
    here = (of.tag == tag) & (np.array(SHELVES)[of.leg] == shelf)
    rssi_dbm = np.sort(of.rssi_dbm[here & np.isfinite(of.rssi_dbm)])
    loud = rssi_dbm[int((len(rssi_dbm) - 1) * LOUD_PERCENTILE / 100)] if len(rssi_dbm) else 0.0
    return float(PER_LOG_READ * np.log(here.sum() / seconds) + PER_DB * loud) if here.any() else -np.inf


def test_probabilities_are_those_of_reads_and_loudness() -> None:
    of = tracks()
    found = choose_boards(of, [one_pass(*p) for p in zip(SHELVES, SECONDS, strict=True)], TAGS)
    assert found.shelves == ("a", "b", "c")
    for tag in range(TAGS - 1):
        scores = np.array([score(of, tag, s, t) for s, t in (("a", 8.2), ("b", 5.1), ("c", 3.1))])
        p = np.exp(scores - scores.max())
        own = [float(found.p_on(board, np.array([tag]))[0]) for board in range(3)]
        np.testing.assert_allclose(own, p / p.sum(), atol=1e-9)
        assert found.best[tag] == scores.argmax()
        assert found.of(tag).keys() <= {"a", "b", "c"}


def test_tag_that_was_never_heard_is_on_no_board() -> None:
    found = choose_boards(tracks(), [one_pass(*p) for p in zip(SHELVES, SECONDS, strict=True)], TAGS)
    assert found.best[TAGS - 1] == -1
    assert found.of(TAGS - 1) == {}


def test_board_that_is_told_counts_where_it_heard_the_tag() -> None:
    found = choose_boards(tracks(), [one_pass(*p) for p in zip(SHELVES, SECONDS, strict=True)], TAGS)
    epcs = [str(n) for n in range(TAGS)]
    best = told(found, epcs, {"0": "c", "2": "b", "3": "elsewhere", "5": "a"}).best
    assert best[0] == 2
    assert best[2] == found.best[2]
    assert best[3] == found.best[3]
    assert best[5] == -1


def test_no_reads_no_boards() -> None:
    of = tracks()
    empty = Tracks(*(getattr(of, name)[:0] for name in Tracks.__slots__))
    found = choose_boards(empty, [one_pass("a", 3.0)], 2)
    assert found.best.tolist() == [-1, -1]
