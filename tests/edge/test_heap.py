"""What is free goes back to the system, and what is not used is not loaded."""

import subprocess
import sys

SCRIPT = """
from pathlib import Path
from threading import Thread
from edge.heap import give_back, keep_small

def kib():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    return next(int(line.split()[1]) for line in lines if line.startswith("Rss"))

def hold():
    # Many small pieces beside one that stays: glibc alone would keep all of it.
    pieces = [bytes(1000) for _ in range(20_000)]
    kept.append(bytes(1000))

keep_small()
before, kept = kib(), []
threads = [Thread(target=hold) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
give_back()
print(kib() - before)
"""


def test_what_threads_held_for_a_moment_goes_back() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 4_000


WEB = """
import os, ssl
from edge.heap import load_web
os.environ["SSL_CERT_DIR"] = "mine"
os.environ.pop("SSL_CERT_FILE", None)
load_web()
from aiohttp import connector
n_authorities = len(connector._SSL_CONTEXT_VERIFIED.get_ca_certs())
print(n_authorities, os.environ["SSL_CERT_DIR"], "SSL_CERT_FILE" in os.environ)
"""


def test_web_is_loaded_without_the_systems_authorities_and_the_environment_stays() -> None:
    done = subprocess.run([sys.executable, "-c", WEB], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "mine", "False"]
