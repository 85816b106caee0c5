"""The sample of settings: it loads, its commented values are the defaults, and the README shows it."""

import re
from pathlib import Path

from edge.daemon_config import DaemonConfig, load_config
from tests.conftest import ROOT

SAMPLE = ROOT / "cloud_sync/sample.toml"
OPTION = re.compile(r"^# ([a-z_]+ = .*)$", re.MULTILINE)


def test_the_readme_shows_the_sample() -> None:
    assert f"```toml\n{SAMPLE.read_text()}```" in (ROOT / "cloud_sync/README.md").read_text()


def test_the_sample_loads() -> None:
    config = load_config(SAMPLE)
    assert config.mqtt is not None
    assert config.mqtt.tls is not None
    assert config.influx is not None


def test_commented_values_are_the_defaults(tmp_path: Path) -> None:
    everything = tmp_path / "all.toml"
    everything.write_text(OPTION.sub(r"\1", SAMPLE.read_text()))
    given, sample = load_config(everything), load_config(SAMPLE)
    assert (given.outbox, given.worker, given.history) == (sample.outbox, sample.worker, sample.history)
    assert given.mqtt is not None
    assert sample.mqtt is not None
    examples = {"username", "password_file"}
    assert given.mqtt.model_dump(exclude=examples) == sample.mqtt.model_dump(exclude=examples)


def test_every_setting_is_in_the_sample() -> None:
    text = SAMPLE.read_text()
    for name in ("outbox", "worker", "history"):
        table = type(getattr(DaemonConfig(), name))
        assert all(f"{field} = " in text for field in table.model_fields), name
