"""A command begins at once: what it does not need is not loaded."""

import subprocess
import sys
from pathlib import Path

RUN = """
import sys
from edge.cli import main
main(["spaces", sys.argv[1], "--site", sys.argv[2]])
print({"edge.daemon_config", "cloud_sync.options"} & set(sys.modules))
"""
SITE = """schema = 1
[site]
id = "library"
timezone = "Asia/Shanghai"
"""


def test_counting_people_loads_no_models_of_the_daemon(tmp_path: Path) -> None:
    site, recording = tmp_path / "site.toml", tmp_path / "none.jsonl"
    site.write_text(SITE)
    recording.write_text("")
    run = [sys.executable, "-c", RUN, str(recording), str(site)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
