"""Real parts that have no package: on PATH, or built once by a script of `.ci` and kept."""

import shutil
import subprocess

from tests.conftest import ROOT, missing


def program(name: str, script: str) -> str:
    """The path of a program: the one on PATH, or what the script built."""
    return shutil.which(name) or built(script, name)


def built(script: str, what: str) -> str:
    """The path that the script printed; without it the test ends with its last words."""
    done = subprocess.run(["bash", str(ROOT / ".ci" / script)], capture_output=True, text=True)
    if done.returncode != 0:
        missing(f"{what} ({(done.stderr.strip().splitlines() or ['no reason given'])[-1]})")
    return done.stdout.strip().splitlines()[-1]
