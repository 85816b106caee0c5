"""The JSON document of `edge spaces`: what is written piece by piece is what the numbers are."""

import json

import numpy as np
import pytest

from edge.cli.spaces_document import pieces
from edge.documents import SpacesDocument
from edge.fusion.spaces.channels import EVIDENCE
from edge.fusion.spaces.read import SpaceReport
from edge.fusion.spaces.steps import Estimates

DOORS = 1 << EVIDENCE.index("doors")


def written(numbers: list[list[float]]) -> list[dict[str, object]]:
    spaces = tuple(f"room-{n}" for n in range(len(numbers)))
    alive = np.arange(len(numbers), dtype=np.intp) % 2 * DOORS
    step = Estimates(1_772_380_800_000_000_001, np.array(numbers), alive)
    document = json.loads(b"".join(pieces(SpaceReport(spaces, [step, step]))))
    SpacesDocument.model_validate(document)
    rows: list[dict[str, object]] = document["occupancy"]
    return rows


@pytest.mark.parametrize("largest", [0.0, 12.344, 999.996, 1000.01, 4e6])
def test_every_number_is_rounded_and_in_its_place(largest: float) -> None:
    numbers = [[0.0, 0.25, 1.0], [largest, 0.127, 0.00004], [3.5, largest, 0.5]]
    rows = written(numbers)
    assert [row["space"] for row in rows] == ["room-0", "room-1", "room-2"] * 2
    assert [row["t_ns"] for row in rows] == [1_772_380_800_000_000_001] * 6
    for row, (people, sd, chance) in zip(rows, numbers, strict=False):
        found = row["people"], row["people_sd"], row["occupied"]
        assert found == pytest.approx((round(people, 2), round(sd, 2), round(chance, 4)), abs=1e-9)
    assert [row["quality"] for row in rows[:2]] == ["", "doors"]


def test_a_report_of_nothing_is_a_document_too() -> None:
    assert json.loads(b"".join(pieces(SpaceReport())))["occupancy"] == []
