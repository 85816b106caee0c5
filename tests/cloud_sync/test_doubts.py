"""When a record is given up, and when the sink is to blame."""

from cloud_sync.doubts import Doubts
from cloud_sync.sink import Batch, WriteResult
from tests.cloud_sync.records import seen
from tests.contracts.sink import batch_of

HOUR_NS = 3_600 * 10**9


def one(n: int) -> Batch:
    return batch_of([seen(n)], first=n)


def test_refused_three_times_beside_others_is_dead() -> None:
    doubts = Doubts(3)
    batch = batch_of([seen(1), seen(2)])
    answers = [doubts.judge(batch, WriteResult([1], denied={0: "no"}), t * HOUR_NS) for t in range(3)]
    assert [dict(answer.rejected) for answer in answers] == [{}, {}, {0: "no"}]


def test_refused_alone_for_ever_is_never_dead() -> None:
    doubts = Doubts(3)
    for t in range(50):
        answer = doubts.judge(one(1), WriteResult((), denied={0: "no"}), t * HOUR_NS)
        assert not answer.rejected
    assert doubts.barren == 50


def test_a_sink_that_dies_of_everything_costs_no_record() -> None:
    doubts = Doubts(3)
    assert not any(doubts.failed(one(n % 5 + 1), n * HOUR_NS) for n in range(100))


def test_a_record_that_the_sink_dies_of_is_dead_once_others_pass() -> None:
    doubts = Doubts(3)
    verdicts = []
    for t in range(3):
        verdicts.append(doubts.failed(one(1), t * HOUR_NS))
        doubts.judge(one(2 + t), WriteResult([0]), t * HOUR_NS)
    assert verdicts == [False, False, True]


def test_a_refused_record_steps_aside_for_a_while() -> None:
    doubts = Doubts(3)
    doubts.judge(one(7), WriteResult((), denied={0: "no"}), 0)
    assert doubts.aside(1) == {7}
    assert doubts.aside(HOUR_NS) == frozenset()
