"""What air says of somebody: more than an empty room keeps of it, whatever the fans do."""

import numpy as np

from edge.fusion.spaces.breath import Breath

DT_H = 1 / 60
PERSON_PPM_H = 250.0


def air(people: np.ndarray, changes_h: np.ndarray, noise_ppm: float = 3.0, seed: int = 0) -> np.ndarray:
    """CO2 by minute."""
    rng, ppm, found = np.random.default_rng(seed), 420.0, []
    for n, rate in zip(people.tolist(), changes_h.tolist(), strict=True):
        ppm += ((420.0 - ppm) * rate + n * PERSON_PPM_H) * DT_H
        found.append(ppm + rng.normal(0, noise_ppm))
    return np.array(found)


def two_days() -> tuple[np.ndarray, np.ndarray]:
    """Hours, and whether somebody is there: from nine to twelve and from two to five."""
    t_h = np.arange(0, 48, DT_H)
    hour = t_h % 24
    return t_h, ((hour >= 9) & (hour < 12)) | ((hour >= 14) & (hour < 17))


def breath_of(ppm: np.ndarray, t_h: np.ndarray) -> Breath:
    return Breath(t_h, ppm, PERSON_PPM_H, 2.0)


def test_who_breathes_is_told_while_the_air_rises_and_where_it_stands() -> None:
    t_h, there = two_days()
    said = breath_of(air(1.0 * there, np.full(len(t_h), 0.5)), t_h).log_ratio()
    rising, standing = (t_h > 9.2) & (t_h < 9.5), (t_h > 11.0) & (t_h < 11.5)
    assert said[rising].mean() > 2.0
    assert said[standing].mean() > 1.0


def test_air_that_decays_tells_of_nobody() -> None:
    t_h, there = two_days()
    breath = breath_of(air(1.0 * there, np.full(len(t_h), 0.5)), t_h)
    breath.learn(there.astype(float), DT_H)
    said = breath.log_ratio()
    assert said[(t_h > 17.2) & (t_h < 19.0)].mean() < -0.5
    assert abs(breath.rate - 0.5) < 0.1


def test_fans_that_run_while_it_is_used_do_not_hide_people() -> None:
    t_h, there = two_days()
    fast = np.where(there, 4.0, 0.3)
    breath = breath_of(air(3.0 * there, fast), t_h)
    breath.learn(there.astype(float), DT_H)
    assert breath.rate < 0.6
    assert breath.log_ratio()[there].mean() > 0.5


def test_air_that_falls_faster_than_an_empty_rooms_tells_next_to_nothing() -> None:
    t_h, there = two_days()
    purged = np.where((t_h >= 12) & (t_h < 12.5), 6.0, 0.4)
    said = breath_of(air(2.0 * there, purged), t_h).log_ratio()
    assert np.abs(said[(t_h > 12.1) & (t_h < 12.3)]).max() < 1.0


def test_what_was_not_told_says_nothing() -> None:
    t_h, _ = two_days()
    assert not breath_of(np.full(len(t_h), np.nan), t_h).log_ratio().any()
    ppm = np.full(len(t_h), np.nan)
    ppm[5] = 900.0
    assert not breath_of(ppm, t_h).log_ratio().any()
