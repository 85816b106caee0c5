"""The plain twin of the kernel that writes estimates: Python's own shortest texts of rounded numbers."""

import numpy as np
from numpy.typing import NDArray

_ROW = b'{"space": %b, "t_ns": %d, "people": %b, "people_sd": %b, "occupied": %b, "quality": %b}'


def rows(t_ns: int, numbers: NDArray[np.float64], spaces: list[bytes], qualities: list[bytes]) -> bytes:
    rounded = np.rint(numbers * (100, 100, 10_000)) / (100, 100, 10_000) + 0.0  # no -0.0
    texts = [[np.format_float_positional(value).encode() for value in row] for row in rounded]
    texts = [[text + b"0" if text.endswith(b".") else text for text in row] for row in texts]
    return b", ".join(
        _ROW % (space, t_ns, *row, kind) for space, row, kind in zip(spaces, texts, qualities, strict=True)
    )
