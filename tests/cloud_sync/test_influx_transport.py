"""The light way into influxdb-client leaves the package as it is for everybody else."""

import subprocess
import sys

import influxdb_client

from cloud_sync.influx_transport import Transport
from cloud_sync.options import InfluxOptions

OPTIONS = InfluxOptions(url="http://127.0.0.1:9", org="o", bucket="b")


def test_no_model_is_loaded_and_nothing_hollow_is_left() -> None:
    script = (
        "import sys\n"
        "from cloud_sync.influx_transport import Transport\n"
        "from cloud_sync.options import InfluxOptions\n"
        "Transport(InfluxOptions(url='http://127.0.0.1:9', org='o', bucket='b'), 'token')\n"
        "print([name for name in sys.modules if name.startswith('influxdb_client')])\n"
        "import influxdb_client\n"
        "print(influxdb_client.InfluxDBClient.__name__, influxdb_client.client.__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "InfluxDBClient influxdb_client.client"]


def test_a_package_that_is_loaded_stays_loaded() -> None:
    Transport(OPTIONS, "token")
    assert sys.modules["influxdb_client"] is influxdb_client
    assert influxdb_client.InfluxDBClient.__module__ in sys.modules
