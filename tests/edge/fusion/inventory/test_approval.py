"""What staff approve."""

import pytest

from edge.errors import ConfigError
from edge.fusion.inventory.approval import approvals

FOUND = {
    "missing": [{"barcode": "1", "expected_shelf": "a1"}, {"barcode": "2", "expected_shelf": "a2"}],
    "shelves": [{"shelf": "a1", "as_of": "2026-01-01T00:00:00+08:00"}],
}


def test_approving_twice_is_one_approval() -> None:
    first, again = (approvals(FOUND, ["1", "1"], by, t_ns, "f") for by, t_ns in (("ann", 1), ("bob", 2)))
    assert len(first) == 1
    assert first[0].id == again[0].id
    assert (first[0].by, first[0].expected_shelf, first[0].action) == ("ann", "a1", "mark-missing")


def test_only_what_was_found_missing_can_be_approved() -> None:
    with pytest.raises(ConfigError, match="3 is not among"):
        approvals(FOUND, ["1", "3"], "ann", 1, "f")


@pytest.mark.parametrize("findings", [None, [], {}, {"missing": 1}, {"missing": [1]}, {"missing": [{}]}])
def test_another_document_is_refused(findings: object) -> None:
    with pytest.raises(ConfigError, match="f:"):
        approvals(findings, ["1"], "ann", 1, "f")
