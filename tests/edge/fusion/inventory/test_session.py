"""Sessions are put away and taken up again."""

import json
from dataclasses import replace

import pytest

from edge.errors import ConfigError
from edge.fusion.inventory import Evidence, merged
from edge.fusion.inventory.session import document, parse
from edge.fusion.locate.own import Own
from tests.edge.fusion.inventory.scenes import scene


def test_session_comes_back_as_it_was() -> None:
    evidence = scene().evidence()
    assert parse(json.loads(json.dumps(document(evidence)))) == evidence


def test_what_reads_say_of_places_comes_back_too() -> None:
    evidence = scene().evidence()
    epc, tag = next(iter(evidence.tags.items()))
    own = Own((0.1, 0.3), ((0.2, 1.0, 0.1), (0.0, 0.4, 0.3)), 0.015, 1.2)
    kept = Evidence({epc: replace(tag, own=(own,))}, evidence.scans)
    assert parse(json.loads(json.dumps(document(kept)))) == kept
    assert merged([kept, kept]).tags[epc].own == (own, own)


def test_merging_adds_reads_and_passes_once_for_each_scan() -> None:
    made = scene()
    first = made.evidence()
    made.seed = 2
    second = made.evidence()
    both = merged([first, second])
    epc = str(made.rows["a1"][0].epc)
    assert both.tags[epc].reads == first.tags[epc].reads + second.tags[epc].reads
    one, other = first.tags[epc].x_sd_m, both.tags[epc].x_sd_m
    assert one is not None
    assert other is not None
    assert other < one


def test_same_scan_twice_counts_its_passes_once() -> None:
    evidence = scene().evidence()
    assert merged([evidence, evidence]).scans == evidence.scans


DAMAGED = [None, [], {}, {"schema": 9}, {"schema": 1}, {"schema": 1, "tags": [{}], "scans": {}}]


@pytest.mark.parametrize("damaged", DAMAGED)
def test_what_is_no_session_is_refused(damaged: object) -> None:
    with pytest.raises(ConfigError, match=r"shelf\.json"):
        parse(damaged, "shelf.json")
