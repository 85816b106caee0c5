"""A command takes one core, unless the environment says otherwise: the board's others are the daemon's."""

import os
import subprocess
import sys

import pytest

RUN = """
import os, sys
from edge.cli import main
assert "numpy" not in sys.modules
try:
    main(["tags", "decode", "E28011606000020D5F3A1B2C"])
finally:
    import numpy as np
    np.linalg.solve(np.eye(400), np.eye(400))
    print(len(os.listdir("/proc/self/task")))
"""


@pytest.mark.parametrize(("said", "threads"), [({}, 1), ({"OPENBLAS_NUM_THREADS": "2"}, 2)])
def test_threads_of_the_linear_algebra(said: dict[str, str], threads: int) -> None:
    done = subprocess.run([sys.executable, "-c", RUN], env=said, capture_output=True, text=True, check=True)
    assert int(done.stdout.splitlines()[-1]) == min(threads, len(os.sched_getaffinity(0)))
