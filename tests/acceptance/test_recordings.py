"""Every recording of the development data through the commands: no crash, each line accounted for."""

import csv
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge import recording
from edge.cli import cli
from edge.documents import LocateDocument, SpacesDocument

RFID_SETS = ("adarf", "adarf-hop", "adarf-1ch-4cm", "realism")
SCENES = ("easy-1", "standard-2", "hard-3")


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def located(path: Path, site: Path) -> LocateDocument:
    return LocateDocument.model_validate_json(run("locate", str(path), "--site", str(site), "--json"))


def n_lines(path: Path) -> int:
    with gzip.open(path, "rb") as stream:
        return sum(1 for _ in stream)


def assert_ranks_follow_places(document: LocateDocument) -> None:
    by_shelf: dict[str, list[tuple[int, float]]] = {}
    for position in document.positions:
        by_shelf.setdefault(position.shelf, []).append((position.rank, position.x_m))
    for row in by_shelf.values():
        ranks, places = zip(*sorted(row), strict=True)
        assert list(ranks) == list(range(len(row)))
        assert list(places) == sorted(places)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", RFID_SETS)
def test_locate_takes_every_recording(data_dir: Path, name: str) -> None:
    folder = data_dir / "rfid" / name
    for path in sorted(folder.glob("*.jsonl.gz")):
        document = located(path, folder / "site.toml")
        assert_ranks_follow_places(document)
        truth = path.with_name(path.name.replace(".jsonl.gz", ".truth.csv"))
        if truth.exists():
            assert readable(truth, path) <= {position.epc for position in document.positions}


def readable(truth: Path, path: Path) -> set[str]:
    """The tags of the truth that the recording has reads of."""
    window, _ = recording.read([path])
    with truth.open() as rows:
        return {row["epc"] for row in csv.DictReader(rows)} & set(window.tags.epcs)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", SCENES)
def test_locate_takes_every_scene(data_dir: Path, name: str) -> None:
    folder = data_dir / "sim" / name
    document = located(folder / f"{name}.jsonl.gz", folder / "site.toml")
    truth = json.loads((folder / "truth.json").read_text())
    assert document.skipped.lines == truth["malformed_lines"]
    assert_ranks_follow_places(document)


def occupancy(data_dir: Path) -> Iterator[tuple[Path, Path, int]]:
    """One recording of each set and variant; all of them, for ten minutes more, with EDGE_TEST_ALL_DATA."""
    wanted_all = bool(os.environ.get("EDGE_TEST_ALL_DATA"))
    for folder in (data_dir / "occupancy", data_dir / "sim/space-week-1"):
        seen: set[tuple[str, str]] = set()
        with (folder / "manifest.csv").open() as rows:
            for row in csv.DictReader(rows):
                kind = (row["set"], row["variant"])
                if wanted_all or kind not in seen:
                    yield folder / f"{row['name']}.jsonl.gz", folder / row["site"], int(row["every_s"])
                seen.add(kind)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_spaces_takes_every_kind_of_recording(data_dir: Path) -> None:
    for path, site, every_s in occupancy(data_dir):
        text = run("spaces", str(path), "--site", str(site), "--every", f"{every_s}s", "--json")
        document = SpacesDocument.model_validate_json(text)
        assert document.occupancy, path.name
        assert all(row.people >= 0 for row in document.occupancy), path.name


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_line_is_a_reading_or_a_counted_skip(data_dir: Path) -> None:
    for path in sorted(data_dir.rglob("*.jsonl.gz")):
        window, (report,) = recording.read([path])
        assert report.n_lines == n_lines(path), path.name
        assert len(window) + report.n_skipped == report.n_lines, path.name
        assert report.truncated is None
