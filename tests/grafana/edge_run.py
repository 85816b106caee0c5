"""`edge run` as a process, fed with a prepared day, delivering to a real broker and a real database."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import ROOT
from tests.grafana.frames import influxql
from tests.grafana.library_day import Day
from tests.grafana.library_site import GATE, INSIDE, OUTSIDE, replayed
from tests.real.influxd import ORG, TOKEN, Influxd
from tests.real.mosquitto import Mosquitto

CONFIG = """node = "{node}"
state_dir = "{folder}/state"
shelf_list = "{folder}/list.csv"
[mqtt]
host = "127.0.0.1"
port = {mqtt_port}
[influx]
url = "{url}"
org = "{org}"
bucket = "{bucket}"
token_file = "{folder}/token"
[pipeline]
window_s = 0.05
{gates}[board]
enabled = false
{more}"""
GATES = f"""[[gate]]
source = "{GATE}"
inside_antenna = {INSIDE}
outside_antenna = {OUTSIDE}
"""


class EdgeRun:
    """One daemon with its files in a folder of its own."""

    def __init__(self, folder: Path, node: str, influx_url: str, bucket: str, mqtt_port: int) -> None:
        folder.mkdir(parents=True)
        self.folder, self.node, self.bucket = folder, node, bucket
        self._where = {"url": influx_url, "mqtt_port": mqtt_port}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, day: Day, speed: float, more: str = "") -> None:
        recording = self.folder / "day.jsonl"
        recording.write_bytes(day.lines)
        (self.folder / "list.csv").write_text(day.shelf_list)
        (self.folder / "site.toml").write_text(day.site + replayed(str(recording), speed))
        (self.folder / "token").write_text(TOKEN)
        (self.folder / "token").chmod(0o600)
        said = {"node": self.node, "folder": self.folder, "org": ORG, "bucket": self.bucket, "more": more}
        gates = GATES if GATE in day.site else ""
        (self.folder / "daemon.toml").write_text(CONFIG.format(**said, **self._where, gates=gates))
        words = ["--site", str(self.folder / "site.toml"), "--config", str(self.folder / "daemon.toml")]
        with (self.folder / "daemon.log").open("ab") as log:
            command = [sys.executable, "-m", "edge", "run", *words]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)

    def wait_until(self, influxd: Influxd, moment_ns: int, timeout_s: float) -> None:
        """Until it has delivered its own state of that moment: all before it is there then."""
        until = time.monotonic() + timeout_s
        query = f"SELECT last(uptime_s) FROM node WHERE node = '{self.node}' AND time >= {moment_ns}"
        while not influxql(influxd, self.bucket, query):
            assert self._process is not None
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < until, self.log()
            time.sleep(0.25)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(30)

    def log(self) -> str:
        return (self.folder / "daemon.log").read_text(errors="replace")[-3000:]


def tell_bookings(broker: Mosquitto, day: Day) -> None:
    """As a booking system does; retained, so that a daemon that comes later is told too."""
    from paho.mqtt.publish import single

    payload = json.dumps({"bookings": day.bookings})
    single("lib/v1/main/lsp/bookings", payload, qos=1, retain=True, hostname="127.0.0.1", port=broker.port)
