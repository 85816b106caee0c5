"""Every query of every board and alert over what `edge run` itself has written: nothing is put there by hand.

Two databases: a library's day in which everything happens, and one in which nothing does. In the first no
panel may be empty, and each alert fires exactly where the day says so; in the second none does.
"""

import asyncio
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grafana import provision
from grafana.alerts import ALERTS
from grafana.build import Edition, dashboard
from grafana.dashboards import BOARDS
from grafana.model import WITHOUT_QUERY, Alert, Board, Panel
from grafana.query import LANGUAGES, Language
from grafana.texts import Texts
from tests.grafana import library_day as day
from tests.grafana import outage
from tests.grafana.alerting import firing
from tests.grafana.edge_run import EdgeRun, tell_bookings
from tests.grafana.frames import Frame, View, ask, panel_frames
from tests.grafana.other_clock import OtherClock
from tests.real.influxd import Influxd
from tests.real.influxd import influxd as influxd
from tests.real.mosquitto import Mosquitto
from tests.real.process import free_port

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(180)]

SPEED = 600.0
BUSY, CALM = "boards-busy", "boards-calm"
ROOMY = "[outbox]\nmax_bytes = 1099511627776\n"
"""At this speed a day comes in some seconds: a store of the usual size would fill as fast."""
NO_LIBRARY_SYSTEM = """[lsp.folio]
url = "http://127.0.0.1:{port}"
tenant = "library"
username = "edge"
password_file = "{folder}/token"
"""
MAIN, CUT_OFF, GONE, OTHER = "edge-1", "edge-2", "edge-3", "edge-4"

NO_PRODUCER: dict[str, str] = {}
"""Panels that the daemon has nothing for yet. One that is not empty any more must leave this list."""

PANELS = [
    pytest.param(board, panel, id=f"{board.key}.{panel.key}")
    for board in BOARDS
    for panel in board.panels
    if panel.kind not in WITHOUT_QUERY
]
OF_THE_GONE = {"co2-annex", "door-annex", "archive"}
"""Whose node has been gone for forty minutes."""
FIRES: dict[str, dict[str, set[str]]] = {
    "space_full": {"warning": {day.FULL, day.NEAR}, "critical": {day.FULL}},
    "stuffy": {"warning": {day.STUFFY}, "critical": {day.STUFFY}},
    "loud": {"warning": {day.LOUD}, "critical": {day.LOUD}},
    "sensor_silent": {"warning": {day.SILENT, *OF_THE_GONE}, "critical": {day.SILENT}},
    "node_gone": {"warning": {GONE}, "critical": {GONE}},
    "outage_left": {"warning": {CUT_OFF}, "critical": {CUT_OFF}},
    "clock_off": {"warning": {"influx"}, "critical": {"influx"}},
    "delivery_stuck": {"warning": {"mqtt"}, "critical": {"mqtt"}},
    # How many a full store gives up goes by how fast the machine is: no word on `critical`.
    "records_dropped": {"warning": {CUT_OFF}},
    "gate": {"warning": {day.GATE}, "critical": {day.GATE}},
    "read_rate": {"warning": {day.BOARDS[-1]}, "critical": set()},
}
"""Where the busy day gives reason to fire, by the label that the alert is about; all others stay silent.

Not the library system that is away: at this speed what was found is old before it is asked about. What is put
into the database by hand makes that alert fire, and the refused records, in `test_alerts`.
"""


@dataclass(frozen=True)
class Lived:
    """What the daemons have written, and when they were done."""

    influxd: Influxd
    now_s: float
    item: str


@pytest.fixture(scope="module")
def lived(influxd: Influxd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    folder = tmp_path_factory.mktemp("lived")
    for bucket in (BUSY, CALM):
        influxd.new_bucket(bucket)
    (folder / "broker").mkdir()
    broker = Mosquitto(folder / "broker")
    broker.start()
    runs: list[EdgeRun] = []
    try:
        with OtherClock(influxd.url, 600.0) as clock:
            yield _live(influxd, broker, clock, folder, runs)
    finally:
        for run in runs:
            run.stop(signal.SIGKILL)
        broker.stop()


def _live(influxd: Influxd, broker: Mosquitto, clock: OtherClock, folder: Path, runs: list[EdgeRun]) -> Lived:
    end_ns = int(time.time()) * day.S
    busy, calm = day.eventful(end_ns), day.calm(end_ns)
    tell_bookings(broker, busy)

    def run(node: str, bucket: str, port: int = broker.port, url: str = influxd.url) -> EdgeRun:
        runs.append(EdgeRun(folder / f"{bucket}-{node}", node, url, bucket, port))
        return runs[-1]

    gone = run(GONE, BUSY)
    cut_off = run(CUT_OFF, BUSY, free_port(), clock.url)
    gone.start(day.annex(end_ns - 40 * day.MINUTE), SPEED, ROOMY)
    asyncio.run(outage.since_two_hours(cut_off.folder / "state", end_ns - 4 * day.HOUR))
    cut_off.start(day.annex(end_ns), SPEED, outage.LITTLE_ROOM)
    main, quiet = run(MAIN, BUSY), run(OTHER, CALM)
    main.start(busy, SPEED, ROOMY + NO_LIBRARY_SYSTEM.format(port=free_port(), folder=main.folder))
    quiet.start(calm, SPEED, ROOMY)
    gone.wait_until(influxd, end_ns - 42 * day.MINUTE, 60)
    gone.stop(signal.SIGKILL)
    for one in (cut_off, main, quiet):
        one.wait_until(influxd, end_ns - 2 * day.MINUTE, 80)
    return Lived(influxd, time.time(), busy.misplaced)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_panel_shows_what_the_daemon_wrote(lived: Lived, board: Board, panel: Panel, language: Any) -> None:
    whole = dashboard(board, Edition(Texts("en"), language))
    title = Texts("en")(f"{board.key}.panel.{panel.key}.title")
    made = next(p for p in whole["panels"] if p["title"] == title and "targets" in p)
    view = _view(lived, whole)
    frames = [ask(lived.influxd, BUSY, target, view, made.get("interval")) for target in made["targets"]]
    empty = [n for n, found in enumerate(frames) if not any(frame.rows for frame in found)]
    if f"{board.key}.{panel.key}" in NO_PRODUCER:
        assert empty, "it has data now: take it off the list"
        return
    assert not empty, [made["targets"][n]["query"] for n in empty]
    assert any(_has_values(frame) for frame in panel_frames(lived.influxd, BUSY, made, view))


def _view(lived: Lived, whole: dict[str, Any]) -> View:
    anything = dict.fromkeys(("site", "node", "space", "door", "source"), ".*")
    change = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(lived.now_s - 2 * 3600))
    chosen = {"timezone": "Asia/Shanghai", "shelf": day.BOARDS[0], "item": lived.item, "change": change}
    return View.of(whole, lived.now_s, {**anything, **chosen})


def _has_values(frame: Frame) -> bool:
    return any(value is not None for row in frame.rows for name, value in row.items() if name != "Time")


def _fires(lived: Lived, bucket: str, alert: Alert, severity: str, queries: Language) -> set[str]:
    rules = provision.rule_group(Texts("en"), queries)["rules"]
    labels = {"severity": severity, "alert": alert.key}
    rule = next(r for r in rules if labels.items() <= r["labels"].items())
    about = alert.query.by[-1]
    return {dict(found)[about] for found in firing(lived.influxd, bucket, rule, lived.now_s)}


@pytest.mark.parametrize("queries", LANGUAGES)
@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.key)
def test_alert_fires_where_the_day_says_so(lived: Lived, alert: Alert, queries: Language) -> None:
    expected = FIRES.get(alert.key, {"warning": set(), "critical": set()})
    found = {severity: _fires(lived, BUSY, alert, severity, queries) for severity in expected}
    assert found == expected


@pytest.mark.parametrize("queries", LANGUAGES)
@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.key)
def test_nothing_fires_on_a_calm_day(lived: Lived, alert: Alert, queries: Language) -> None:
    for severity in ("warning", "critical"):
        assert _fires(lived, CALM, alert, severity, queries) == set()
