"""What the database is told of a site."""

from pathlib import Path

from edge.config import load_site
from edge.site_facts import site_facts
from tests.sites import HALL

SITE = (
    HALL
    + """[[door]]
id = "front"
from = "outside"
to = "hall"
source = "front"
[[door]]
id = "back"
from = "hall"
to = "outside"
source = "back"
[[shelf]]
id = "b"
space = "hall"
length_m = 1.0
[[shelf]]
id = "a"
space = "hall"
length_m = 0.9
next = "b"
"""
)


def test_round_follows_next_and_entrances_know_their_direction(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(SITE)
    facts = site_facts(load_site(path))
    assert facts.walk_m == {"a": 0.0, "b": 0.9}
    assert facts.entrances == {"front": "in", "back": "out"}
    assert facts.capacity == {"hall": 120}


def test_ring_of_boards_ends(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(SITE.replace("length_m = 1.0\n", 'length_m = 1.0\nnext = "a"\n'))
    assert sorted(site_facts(load_site(path)).walk_m.values()) == [0.0, 1.0]
