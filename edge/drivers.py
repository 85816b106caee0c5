"""From a site file's sources to drivers: options checked first, so that a mistake is told with its line."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from edge.config import Site
from edge.errors import ConfigError
from edge.files import check_readable
from edge.sensors import DRIVERS
from edge.sensors.driver import Context, Driver
from edge.toml_file import Strict, TomlFile, open_toml


@dataclass(frozen=True, slots=True)
class SourceSetup:
    """One source with its driver's name and its options as the driver's own model."""

    source: str
    driver: str
    options: Strict

    def open(self, context: Context) -> Driver:
        """A new driver, not connected yet."""
        driver: Driver = _module(self.driver, "driver").open_driver(context, self.options)
        return driver


def load_setups(path: str | Path) -> tuple[Site, list[SourceSetup]]:
    """The site and all its sources. Raises ConfigError: file, line, key, and what was expected."""
    file = open_toml(path)
    site = file.as_model(Site)
    return site, [_setup(file, site, n) for n in range(len(site.sources))]


def replay_setup(source: str, recordings: Sequence[str], **options: object) -> SourceSetup:
    """A replay source that the command line asks for. Raises ConfigError where a recording cannot be read."""
    for path in recordings:
        check_readable(path)
    model = _options_model("replay")
    return SourceSetup(source, "replay", model.model_validate({"recordings": list(recordings), **options}))


def _setup(file: TomlFile, site: Site, n: int) -> SourceSetup:
    source = site.sources[n]
    if source.driver not in DRIVERS:
        known = ", ".join(sorted(DRIVERS))
        raise file.fault(("source", n, "driver"), f"expected one of {known}, found {source.driver!r}")
    options = file.as_model(_options_model(source.driver), ("source", n, "options"))
    return SourceSetup(source.id, source.driver, options)


def _options_model(driver: str) -> type[Strict]:
    model: type[Strict] = _module(driver, "config").Options
    return model


def _module(driver: str, name: str) -> ModuleType:
    try:
        return importlib.import_module(f"{DRIVERS[driver]}.{name}")
    except ModuleNotFoundError as error:
        raise ConfigError(f"driver {driver}: {error.name} is not installed") from None
