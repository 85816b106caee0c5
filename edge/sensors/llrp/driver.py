"""The driver: asks a reader what it can do, has it read without end, and gives what it reads."""

import asyncio
import logging
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Final, Self

from edge.columns import Readings, concat_readings
from edge.errors import BadFrame, DeviceUnavailable
from edge.sensors.driver import Context
from edge.sensors.llrp.codec import capabilities, requests
from edge.sensors.llrp.codec.capabilities import Capabilities
from edge.sensors.llrp.codec.rospec import DUAL_TARGET, SINGLE_TARGET, Inventory, rospec
from edge.sensors.llrp.codec.wire import Kind, Vendor
from edge.sensors.llrp.config import Options, Search
from edge.sensors.llrp.reports import Translator
from edge.sensors.llrp.session import Received, Session

_log = logging.getLogger(__name__)

ROSPEC: Final = 1
ALL_ROSPECS: Final = 0
SILENT_INTERVALS: Final = 3


class LlrpDriver:
    """One reader, from connection to close."""

    def __init__(self, context: Context, options: Options) -> None:
        self._context = context
        self._options = options
        self._session: Session | None = None
        self._translator: Translator | None = None

    async def __aenter__(self) -> Self:
        options = self._options
        session = Session(
            options.host,
            options.port,
            answer_s=options.connect_s,
            silence_s=SILENT_INTERVALS * options.keepalive_s,
        )
        await session.__aenter__()
        try:
            self._translator = await self._set_up(session)
        except BaseException as error:
            await session.__aexit__(type(error), error, error.__traceback__)
            raise
        self._session = session
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.__aexit__(kind, error, trace)

    async def __aiter__(self) -> AsyncIterator[Readings]:
        while self._session is not None and self._translator is not None:
            readings = self._readings(await self._session.receive(), self._translator)
            if len(readings):
                yield readings
            # One report is one read: let some come together, a call of the kernel costs more than a read.
            await asyncio.sleep(self._options.batch_s)

    def _readings(self, received: Received, translator: Translator) -> Readings:
        n_malformed = sum(reports.n_malformed for reports in received.reports)
        self._context.counters.received += n_malformed
        self._context.counters.malformed += n_malformed
        parts = [Readings(tags=translator.tags(reports)) for reports in received.reports]
        return concat_readings([*parts, translator.inputs(received.inputs, self._options.gpi)])

    async def _set_up(self, session: Session) -> Translator:
        options = self._options
        found = await _capabilities(session)
        if found.vendor == Vendor.IMPINJ:
            await session.ask(Kind.CUSTOM_MESSAGE, requests.enable_impinj())
        ports = [gpi.port for gpi in options.gpi]
        config = requests.config(round(options.keepalive_s * 1000), ports, options.impinj_region)
        await session.ask(Kind.SET_READER_CONFIG, config)
        # What another client has left behind would go on reading.
        for number in (ALL_ROSPECS, ROSPEC):
            await session.ask(Kind.DELETE_ROSPEC, requests.rospec_id(number), refusable=True)
        await session.ask(Kind.ADD_ROSPEC, rospec(_inventory(options, found)))
        await session.ask(Kind.ENABLE_ROSPEC, requests.rospec_id(ROSPEC))
        await session.ask(Kind.START_ROSPEC, requests.rospec_id(ROSPEC))
        _log.info("reader at %s: vendor %d, model %d", options.host, found.vendor, found.model)
        return Translator(self._context.source, self._context.clock, found.freq_mhz, options.phase)


async def _capabilities(session: Session) -> Capabilities:
    answer = await session.ask(Kind.GET_READER_CAPABILITIES, requests.capabilities())
    try:
        return capabilities.parse(answer)
    except BadFrame as error:
        raise DeviceUnavailable(f"capabilities: {error}") from None


def _inventory(options: Options, found: Capabilities) -> Inventory:
    """Raises DeviceUnavailable where the reader can't do what the options want."""
    missing = [antenna for antenna in options.antennas if antenna > found.n_antennas > 0]
    if missing:
        raise DeviceUnavailable(f"antenna {missing[0]}: the reader has {found.n_antennas}")
    if options.mode is not None and found.modes and options.mode not in found.modes:
        raise DeviceUnavailable(f"mode {options.mode}: the reader has {', '.join(map(str, found.modes))}")
    return Inventory(
        number=ROSPEC,
        antennas=options.antennas,
        session=options.session,
        population=options.population,
        vendor=found.vendor,
        search_mode=DUAL_TARGET if options.search is Search.DUAL else SINGLE_TARGET,
        mode=options.mode,
        transmitter=_transmitter(options, found),
    )


def _transmitter(options: Options, found: Capabilities) -> tuple[int, int, int] | None:
    """Hop table, channel and power; None where the reader's own settings shall stay."""
    if options.power_dbm is None and options.channel is None:
        return None
    most_dbm = (
        options.power_dbm if options.power_dbm is not None else max(found.power_dbm.values(), default=0)
    )
    power = found.power_index(most_dbm)
    if power is None:
        least = min(found.power_dbm.values(), default=0)
        raise DeviceUnavailable(f"power {most_dbm:g} dBm: the reader's least is {least:g} dBm")
    return found.hop_table, options.channel or (0 if found.hop_tables else 1), power


def open_driver(context: Context, options: Options) -> LlrpDriver:
    """The driver of one reader."""
    return LlrpDriver(context, options)
