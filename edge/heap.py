"""What a small machine cannot spare: one heap for all threads, what is free goes back, nothing unused."""

import ctypes
import os
from importlib import import_module
from typing import Final

_ARENA_MAX: Final = -8
_MMAP_THRESHOLD: Final = -3
_TRIM_THRESHOLD: Final = -1
"""Parameters of mallopt(3)."""
_LARGE_BYTES: Final = 64 << 10
_AUTHORITIES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
WORKING_BYTES: Final = 4 << 20
"""What work on arrays takes for a moment, time and again, is smaller."""


def keep_small(large_bytes: int = _LARGE_BYTES) -> None:
    """To be called before there are threads. Nothing where the C library is another one.

    By itself each thread has a heap that keeps its holes, and what is once large is kept for the next time.
    What is as large as `large_bytes` goes back at once, which takes time where it is needed again and again.
    """
    if (mallopt := _of_libc("mallopt")) is not None:
        mallopt(_ARENA_MAX, 1)
        mallopt(_MMAP_THRESHOLD, large_bytes)
        mallopt(_TRIM_THRESHOLD, large_bytes)


def load_web() -> None:
    """Import aiohttp without the system's authorities, which it reads for clients that have no context: 2 MB.

    Ours always have one of their own (edge.tls). To be called before there are threads.
    """
    before = {name: os.environ.get(name) for name in _AUTHORITIES}
    os.environ.update(dict.fromkeys(_AUTHORITIES, os.devnull))
    try:
        import_module("aiohttp")
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value


def give_back() -> None:
    """What is free to the system: after work that was large and is over."""
    if (trim := _of_libc("malloc_trim")) is not None:
        trim(0)


def _of_libc(name: str) -> "ctypes._NamedFuncPointer | None":
    return getattr(ctypes.CDLL(None), name, None)
