"""glibc's heap for a small machine: one for all threads, and what is free goes back to the system."""

import ctypes
from typing import Final

_ARENA_MAX: Final = -8
_MMAP_THRESHOLD: Final = -3
_TRIM_THRESHOLD: Final = -1
"""Parameters of mallopt(3)."""
_LARGE_BYTES: Final = 64 << 10


def keep_small() -> None:
    """To be called before there are threads. Nothing where the C library is another one.

    By itself each thread has a heap that keeps its holes, and what is once large is kept for the next time.
    """
    if (mallopt := _of_libc("mallopt")) is not None:
        mallopt(_ARENA_MAX, 1)
        mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_TRIM_THRESHOLD, _LARGE_BYTES)


def give_back() -> None:
    """What is free to the system: after work that was large and is over."""
    if (trim := _of_libc("malloc_trim")) is not None:
        trim(0)


def _of_libc(name: str) -> "ctypes._NamedFuncPointer | None":
    return getattr(ctypes.CDLL(None), name, None)
