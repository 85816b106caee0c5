"""What locating may be told; every default holds for carts, robots and rails alike."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of the locator, and switches that take one part away (for ablations).

    bin_m: reads within it are one sample of the profile. margin_m: how far beyond the antenna's path a tag
    may be. depth_m, depth_sd_m: where tags sit behind the plane of the spines. lead_s: added to the reads'
    times before poses are looked up; NaN means estimate it.
    """

    bin_m: float = 0.01
    margin_m: float = 0.10
    depth_m: float = 0.04
    depth_sd_m: float = 0.05
    lead_s: float = float("nan")
    coupling: bool = True
    spacing: bool = True
    refine: bool = True
    lengths: bool = True
    half_turns: bool = True
    amplitude: bool = True
