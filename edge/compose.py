"""Builds a daemon from its files: the only place that knows which sinks there are."""

from collections.abc import Sequence
from pathlib import Path

from cloud_sync.history import HistorySink
from cloud_sync.history_reader import HistoryReader
from cloud_sync.outbox.epochs import boot_id
from cloud_sync.schema import SpaceInfo
from cloud_sync.sink import Sink
from edge import __version__
from edge.clock import Clock, SystemClock
from edge.config import Site
from edge.counters import Counters
from edge.daemon import Daemon
from edge.daemon_config import DaemonConfig
from edge.drivers import SourceSetup
from edge.events import Record
from edge.fusion.live import Live
from edge.fusion.locate import Calibration
from edge.headcounts import NAME as HEADCOUNTS
from edge.headcounts import HeadCounts
from edge.library.shelf_list import ShelfList
from edge.lsp.heard import Heard
from edge.lsp.office import COUNTED_AS, Office
from edge.lsp.systems import lsp_sinks
from edge.site_facts import site_facts
from edge.site_models import boards_of, live_model


def build(
    site: Site,
    config: DaemonConfig,
    setups: Sequence[SourceSetup],
    *,
    clock: Clock | None = None,
    books: ShelfList | None = None,
    calibration: Calibration | None = None,
) -> Daemon:
    """A daemon that is not running yet. Its state folder is made; nothing is connected."""
    clock = clock or SystemClock()
    state = config.state_path(site.site.id)
    state.mkdir(parents=True, exist_ok=True)
    heard = Heard()
    of_lsp = lsp_sinks(config.lsp, heard)
    sinks = [*open_sinks(site, config, clock, state), *of_lsp]
    books = books if books is not None else ShelfList()
    live = Live(live_model(site, config, books, calibration))
    daemon = Daemon(site, config, setups, live, sinks, clock=clock, books=books)
    daemon.meters.extend(sink.meter.measure for sink in of_lsp)
    open_office(daemon, state, heard)
    daemon.services["head counts"] = HeadCounts(state / HEADCOUNTS).run
    if config.report is not None:
        from edge.mailing import Mailing

        daemon.services["letters"] = Mailing(config.report).run
    return daemon


def open_office(daemon: Daemon, state: Path, heard: Heard) -> None:
    """What speaks with the library system: it runs beside the daemon."""
    site, config = daemon.site, daemon.config
    counters = Counters()
    if config.mqtt is not None and config.lsp.inbound:
        daemon.pipeline.counters[COUNTED_AS] = counters
    office = Office(
        site,
        config.node,
        config.lsp,
        config.mqtt,
        state,
        daemon.books,
        boards_of(site),
        counters,
        heard,
        daemon.tell_books_changed,
    )
    office.load_books()
    daemon.services["library system"] = office.run


def open_sinks(site: Site, config: DaemonConfig, clock: Clock, state: Path) -> list[Sink]:
    """The local history always; MQTT and InfluxDB where they are configured."""
    where = {"site": site.site.id, "node": config.node}
    sinks: list[Sink] = [HistorySink(state / "history.db", config.history, **where)]
    if config.mqtt:
        from cloud_sync.mqtt import MqttSink

        about = {"version": __version__, "boot_id": boot_id()}
        mqtt = MqttSink(config.mqtt, clock, **where, **about, spaces=_spaces(site))
        mqtt.seed(known_states(state / "history.db"))
        sinks.append(mqtt)
    if config.influx:
        from cloud_sync.influx import InfluxSink

        sinks.append(InfluxSink(config.influx, clock, **where, facts=site_facts(site)))
    return sinks


def known_states(path: Path) -> list[Record]:
    """The newest states of the run before: nothing older may cover them at the broker."""
    reader = HistoryReader(path)
    try:
        return reader.states()
    finally:
        reader.close()


def _spaces(site: Site) -> dict[str, SpaceInfo]:
    return {space.id: SpaceInfo(zone=space.zone, capacity=space.capacity) for space in site.spaces}
