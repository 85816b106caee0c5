"""What locating may be told; every default holds for carts, robots and rails alike."""

from dataclasses import dataclass, field

from edge.fusion.locate.calibration import Calibration


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of the locator, and switches that take one part away (for ablations).

    bin_m: reads within it are one sample of the profile. depth_m, depth_sd_m: where tags sit behind the plane
    of the spines. calibration: what is known of antenna and encoder.

    Of rows among echoes: slips, whether phases followed wrongly through nulls are turned back; points,
    whether few strong scatterers are told from a continuum of weak ones; path, whether errors of the
    antenna's path are told from what all tags of a pass share; thorough, whether these two are done at all,
    at twice the time: None is where a scan has at most `locate.MANY` tags; gaps, whether tags stand as far
    from each other as books are thick.

    Of coupled rows: evenness, whether a row's own says anything of its gaps; signs, whether they are followed
    through nulls; search, whether other arrangements than the holograms' are tried. columns: whether boards
    above one another are looked for in a row that does not couple as one line.
    """

    bin_m: float = 0.01
    depth_m: float = 0.04
    depth_sd_m: float = 0.05
    calibration: Calibration = field(default_factory=Calibration)
    coupling: bool = True
    columns: bool = True
    evenness: bool = True
    signs: bool = True
    search: bool = True
    refine: bool = True
    lengths: bool = True
    half_turns: bool = True
    amplitude: bool = True
    ends: bool = True
    echoes: bool = True
    points: bool = True
    path: bool = True
    slips: bool = True
    gaps: bool = True
    thorough: bool | None = None
    zeros: bool = True
