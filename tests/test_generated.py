"""What is generated and committed is fresh."""

import subprocess
import sys

from tests.conftest import ROOT


def test_generated_files_are_fresh() -> None:
    # In a process of its own: commands that ran in this one show another help.
    command = [sys.executable, "-m", "tests.generate", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
