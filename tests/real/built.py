"""Real parts that have no package: on PATH, or built once by `.ci/parts` and kept."""

import shutil
import subprocess

from tests.conftest import ROOT, missing


def program(name: str, script: str) -> str:
    """The path of a program: the one on PATH, or what the script built."""
    return shutil.which(name) or built(script, name)


def built(script: str, what: str) -> str:
    """The path of what the script built; without it the test ends with the script's last words.

    Nothing is built here: that takes minutes, and a test has seconds.
    """
    done = subprocess.run(["bash", str(ROOT / ".ci" / script), "--built"], capture_output=True, text=True)
    if done.returncode != 0:
        missing(f"{what} ({(done.stderr.strip().splitlines() or ['no reason given'])[-1]})")
    return done.stdout.strip().splitlines()[-1]
