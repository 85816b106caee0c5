"""Times from a clock that was wrong."""

from dataclasses import dataclass

from cloud_sync.outbox.epochs import Epoch, Epochs, kernel_synchronised

WALL_1970 = 5_000_000_000
WALL_2026 = 1_790_000_000_000_000_000
SECOND = 1_000_000_000
YEAR = 365 * 86_400 * SECOND


@dataclass
class Switch:
    """Whether the kernel says that the clock is right."""

    on: bool = False

    def __call__(self) -> bool:
        return self.on


def test_one_epoch_while_the_clock_runs_well() -> None:
    epochs = Epochs("boot")
    assert len({epochs.observe(WALL_2026 + n * SECOND, n * SECOND) for n in range(100)}) == 1


def test_rows_of_1970_wait_until_the_clock_is_set() -> None:
    epochs = Epochs("boot")
    early = epochs.observe(WALL_1970, 5 * SECOND)
    assert _of(epochs, early).held
    epochs.observe(WALL_2026, 60 * SECOND)
    # 55 s before it was set, the time was 2026 less 55 s.
    correction = _of(epochs, early).correction_ns
    assert correction is not None
    assert WALL_1970 + correction == WALL_2026 - 55 * SECOND


def test_a_correction_is_made_once() -> None:
    epochs = Epochs("boot")
    early = epochs.observe(WALL_1970, 0)
    epochs.observe(WALL_2026, 0)
    first = _of(epochs, early).correction_ns
    epochs.observe(WALL_2026 + YEAR, 1)
    assert _of(epochs, early).correction_ns == first


def test_a_power_cut_before_the_clock_was_set_puts_the_rows_before_the_next_boot() -> None:
    old = Epochs("boot-1")
    early = old.observe(WALL_1970, 0)
    old.observe(WALL_1970 + 100 * SECOND, 100 * SECOND)
    new = Epochs("boot-2", old.known())
    new.observe(WALL_2026 + 30 * SECOND, 30 * SECOND)
    correction = _of(new, early).correction_ns
    assert correction is not None
    assert WALL_1970 + 100 * SECOND + correction == WALL_2026


def test_a_plausible_but_wrong_clock_is_corrected_when_the_kernel_trusts_it() -> None:
    trusted = Switch()
    epochs = Epochs("boot", trusted=trusted)
    early = epochs.observe(WALL_2026 - YEAR, 0)
    assert not _of(epochs, early).held
    trusted.on = True
    epochs.observe(WALL_2026, SECOND)
    assert _of(epochs, early).correction_ns == YEAR - SECOND


def test_a_jump_that_nobody_vouches_for_changes_no_time() -> None:
    epochs = Epochs("boot", trusted=Switch())
    first = epochs.observe(WALL_2026, 0)
    epochs.observe(WALL_2026 + 10 * YEAR, 1)
    assert epochs.observe(WALL_2026 + 2, 2) == first
    assert all(epoch.correction_ns is None for epoch in epochs.known())


def test_a_trusted_time_is_never_changed() -> None:
    epochs = Epochs("boot", trusted=Switch(on=True))
    first = epochs.observe(WALL_2026, 0)
    epochs.observe(WALL_2026 - 10 * YEAR, 1)
    epochs.observe(WALL_2026 + 10 * YEAR, 2)
    assert _of(epochs, first).correction_ns is None


def test_a_restart_in_the_same_boot_goes_on_in_its_epoch() -> None:
    before = Epochs("boot")
    first = before.observe(WALL_2026, 0)
    assert Epochs("boot", before.known()).observe(WALL_2026 + SECOND, SECOND) == first


def test_the_kernel_can_be_asked() -> None:
    assert kernel_synchronised() in (True, False)


def _of(epochs: Epochs, id_: int) -> Epoch:
    found = epochs.get(id_)
    assert found is not None
    return found
