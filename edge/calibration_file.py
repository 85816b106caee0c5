"""The calibration file: `edge calibrate --save` keeps it; `edge locate`, `inventory` and `run` read it.

It is TOML and stands beside the site file: SITE.toml's is SITE.calibration.toml.
"""

from pathlib import Path
from typing import Final

from pydantic import Field

from edge.config import Id
from edge.fusion.locate import Calibration, ClockLead, Offset
from edge.toml_file import Strict, load

HEAD: Final = "# What `edge calibrate` found; read by `edge locate`, `edge inventory` and `edge run`.\n"


class BoardOffset(Strict):
    """One board's offset: x_m of a place is too large by offset_m + scale·(x_m - at_m)."""

    shelf: Id
    offset_m: float = Field(ge=-1.0, le=1.0)
    offset_sd_m: float = Field(ge=0.0)
    scale: float = Field(default=0.0, ge=-0.1, le=0.1)
    at_m: float = 0.0
    labels: int = Field(ge=1)


class SourceLead(Strict):
    """One source's clock: its reads are dated `lead_s` later to fit its poses."""

    source: Id
    lead_s: float = Field(ge=-5.0, le=5.0)
    lead_sd_s: float = Field(ge=0.0)
    tags: int = Field(ge=1)


class CalibrationFile(Strict):
    """The whole file."""

    board: list[BoardOffset] = []
    clock: list[SourceLead] = []


def beside(site_path: str | Path) -> Path:
    """Where the calibration of a site stands."""
    return Path(site_path).with_suffix(".calibration.toml")


def load_calibration(site_path: str | Path, path: str | Path | None = None) -> Calibration:
    """The calibration at `path`; without one, that beside the site file, or an empty one where there is none.

    Raises ConfigError: file, line, key and what was expected.
    """
    if path is None and not beside(site_path).exists():
        return Calibration()
    document = load(path or beside(site_path), CalibrationFile)
    return Calibration(
        {b.shelf: Offset(b.offset_m, b.offset_sd_m, b.labels, b.scale, b.at_m) for b in document.board},
        {c.source: ClockLead(c.lead_s, c.lead_sd_s, c.tags) for c in document.clock},
    )


def as_toml(calibration: Calibration) -> str:
    """The file's text."""
    lines = [HEAD]
    for shelf, offset in calibration.offsets.items():
        lines += [
            "[[board]]",
            f'shelf = "{shelf}"',
            f"offset_m = {offset.x_m:.5f}  # taken from every place on the board",
            f"offset_sd_m = {offset.x_sd_m:.5f}",
            f"scale = {offset.scale:.5f}",
            f"at_m = {offset.at_m:.3f}",
            f"labels = {offset.labels}",
            "",
        ]
    for source, lead in calibration.leads.items():
        lines += [
            "[[clock]]",
            f'source = "{source}"',
            f"lead_s = {lead.lead_s:.6f}  # added to the time of every read",
            f"lead_sd_s = {lead.lead_sd_s:.6f}",
            f"tags = {lead.tags}",
            "",
        ]
    return "\n".join(lines)


def merged(before: Calibration, found: Calibration) -> Calibration:
    """What was found, and what was known before of boards and sources that are not in it."""
    return Calibration({**before.offsets, **found.offsets}, {**before.leads, **found.leads})
