"""What locating stands: real recordings with one trouble more each, ours beside the plain hologram.

Run `python -m tests.bench.locate_troubles [DATA_DIR]`. The troubles are drawn the same way in every run.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from edge.columns import take
from edge.fusion.locate import Options
from edge.fusion.window import Window
from edge.recording import read
from tests.bench.baselines import hologram
from tests.bench.locate_figures import DATA, Places, baseline, ours
from tests.bench.locate_scene import Score, lengths, recordings, score, summary, truth

Trouble = Callable[[Window, np.random.Generator], Window]
SETS: Final = ("adarf-hop 20cm", "adarf-hop 8cm", "adarf-hop 6cm", "adarf-hop 4cm")
METHODS: Final[dict[str, Places]] = {
    "ours": ours(Options()),
    "hologram": baseline(hologram.plain),
}


def half_turns(window: Window, rng: np.random.Generator, share: float) -> Window:
    """Phases known modulo π: a reader that does not tell which way its carrier loop locked."""
    tags = window.tags
    turned = tags.phase_rad + np.pi * (rng.random(len(tags)) < share)
    return replace(window, tags=replace(tags, phase_rad=turned % (2.0 * np.pi)))


def phase_noise(window: Window, rng: np.random.Generator, sd_rad: float) -> Window:
    """A noisier receiver."""
    tags = window.tags
    noisy = (tags.phase_rad + rng.normal(0.0, sd_rad, len(tags))) % (2.0 * np.pi)
    return replace(window, tags=replace(tags, phase_rad=noisy))


def coarse_rssi(window: Window, rng: np.random.Generator, step_db: float) -> Window:
    """RSSI in whole steps."""
    del rng
    tags = window.tags
    return replace(window, tags=replace(tags, rssi_dbm=step_db * np.round(tags.rssi_dbm / step_db)))


def lost_reads(window: Window, rng: np.random.Generator, share: float) -> Window:
    """Reads that never came."""
    return replace(window, tags=take(window.tags, rng.random(len(window.tags)) >= share))


def encoder_noise(window: Window, rng: np.random.Generator, sd_m: float) -> Window:
    """Every pose off by itself."""
    poses = window.poses
    return replace(window, poses=replace(poses, x_m=poses.x_m + rng.normal(0.0, sd_m, len(poses))))


def encoder_walk(window: Window, rng: np.random.Generator, sd_m: float) -> Window:
    """Every step of the wheel off by itself, so that errors add up."""
    poses = window.poses
    off_m = np.cumsum(rng.normal(0.0, sd_m, len(poses)))
    return replace(window, poses=replace(poses, x_m=poses.x_m + off_m))


def wild_poses(window: Window, rng: np.random.Generator, share: float) -> Window:
    """An encoder that tells nonsense now and then."""
    poses = window.poses
    off_m = rng.normal(0.0, 1.0, len(poses)) * (rng.random(len(poses)) < share)
    return replace(window, poses=replace(poses, x_m=poses.x_m + off_m))


def encoder_scale(window: Window, rng: np.random.Generator, share: float) -> Window:
    """A wheel of another size than was told."""
    del rng
    poses = window.poses
    middle = float(np.median(poses.x_m)) if len(poses) else 0.0
    return replace(window, poses=replace(poses, x_m=middle + (1.0 + share) * (poses.x_m - middle)))


def lost_poses(window: Window, rng: np.random.Generator, share: float) -> Window:
    """Poses that never came; the ends are there."""
    kept = rng.random(len(window.poses)) >= share
    kept[[0, -1]] = True
    return replace(window, poses=take(window.poses, kept))


def late_encoder(window: Window, rng: np.random.Generator, seconds: float) -> Window:
    """An encoder whose clock is behind the reader's."""
    del rng
    poses = window.poses
    return replace(window, poses=replace(poses, t_ns=poses.t_ns + round(seconds * 1e9)))


TROUBLES: Final[dict[str, tuple[Callable[..., Window], float]]] = {
    "as it is": (lost_reads, 0.0),
    "half turns in half of the reads": (half_turns, 0.5),
    "half turns in a tenth of them": (half_turns, 0.1),
    "half turns in one of a hundred": (half_turns, 0.01),
    "phase noise 0.1 rad": (phase_noise, 0.1),
    "phase noise 0.3 rad": (phase_noise, 0.3),
    "RSSI in steps of 3 dB": (coarse_rssi, 3.0),
    "half of the reads lost": (lost_reads, 0.5),
    "three quarters of the reads lost": (lost_reads, 0.75),
    "encoder noise 0.2 cm": (encoder_noise, 0.002),
    "encoder noise 0.5 cm": (encoder_noise, 0.005),
    "encoder noise 1 cm": (encoder_noise, 0.01),
    "encoder walks 0.1 cm a pose": (encoder_walk, 0.001),
    "one of fifty poses a metre off": (wild_poses, 0.02),
    "encoder 1 % long": (encoder_scale, 0.01),
    "half of the poses lost": (lost_poses, 0.5),
    "nine tenths of the poses lost": (lost_poses, 0.9),
    "encoder 50 ms late": (late_encoder, 0.05),
}


def figures(data_dir: Path) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    """{trouble: {set: {method: figures}}}."""
    scores: dict[str, dict[str, dict[str, list[Score]]]] = {}
    for name, path in recordings(data_dir):
        if name not in SETS:
            continue
        window, _ = read([path])
        for trouble, (change, size) in TROUBLES.items():
            changed = change(window, np.random.default_rng(1), size)
            for method, places in METHODS.items():
                one = _score(path, changed, places)
                scores.setdefault(trouble, {}).setdefault(name, {}).setdefault(method, []).append(one)
    return {
        trouble: {name: {m: summary(s) for m, s in by.items()} for name, by in sets.items()}
        for trouble, sets in scores.items()
    }


def _score(path: Path, window: Window, places: Places) -> Score:
    return score(truth(path), set(window.tags.epcs), places(window, lengths(path)), 0.0)


def table(found: Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]]) -> Iterator[str]:
    """A trouble a line: median error in cm / order of neighbours, ours and the hologram's."""
    yield f"{'median cm/order, ours and hologram':34} " + " ".join(f"{name:>23}" for name in SETS)
    for trouble, sets in found.items():
        cells = (f"{_cell(sets[name]['ours'])} {_cell(sets[name]['hologram'])}" for name in SETS)
        yield f"{trouble:34} " + " ".join(f"{cell:>23}" for cell in cells)


def _cell(one: Mapping[str, float]) -> str:
    return f"{one['median_cm']:5.2f}/{one['order']:.2f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_dir", nargs="?", type=Path, default=DATA)
    for line in table(figures(parser.parse_args().data_dir)):
        print(line)


if __name__ == "__main__":
    main()
