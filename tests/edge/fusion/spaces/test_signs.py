"""Presence and motion: one sighting says much, a minute's silence little, a long silence enough."""

import numpy as np

from edge.fusion.spaces.signs import Signs

ROOM = np.array([0])
MINUTE_H = 1 / 60


def chance_after(seen: list[int]) -> float:
    signs, chance = Signs(1), np.array([np.nan])
    for value in seen:
        chance = signs.step(ROOM, np.array([float(value)]), MINUTE_H)
    return float(chance[0])


def test_one_sighting_makes_occupied_likely() -> None:
    assert chance_after([0, 0, 1]) > 0.8


def test_people_who_sit_still_for_some_minutes_are_still_there() -> None:
    assert chance_after([1, 1, 1, 0, 0, 0, 0]) > 0.5


def test_half_an_hour_without_a_sign_means_nobody() -> None:
    assert chance_after([1] + [0] * 30) < 0.05


def test_a_sensor_that_never_lets_go_says_nothing() -> None:
    assert chance_after([1] * 60 * 30) < 0.9


def test_a_space_without_sensors_stays_unknown() -> None:
    chance = Signs(2).step(ROOM, np.array([1.0]), MINUTE_H)
    assert np.isnan(chance[1])
