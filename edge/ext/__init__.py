"""Kernels. Each is a triple: `x.py` (docs, checks, the only import), `_x_c.pyx`, and its twin `_x_py.py`."""

import functools
import importlib
import os
from types import ModuleType


def load(name: str) -> ModuleType:
    """The compiled kernel `_{name}_c`, or its twin `_{name}_py` where it was not built or EDGE_NO_EXT is set.

    Raises ImportError where EDGE_REQUIRE_EXT is set and the kernel was not built.
    """
    return _load(name, os.environ.get("EDGE_NO_EXT", ""), os.environ.get("EDGE_REQUIRE_EXT", ""))


def backend(name: str) -> str:
    """`c` or `python`: which writing of the kernel serves in this process."""
    return "c" if load(name).__name__.endswith("_c") else "python"


@functools.cache
def _load(name: str, no_ext: str, require_ext: str) -> ModuleType:
    twin = f"edge.ext._{name}_py"
    if no_ext not in ("", "0"):
        return importlib.import_module(twin)
    try:
        return importlib.import_module(f"edge.ext._{name}_c")
    except ImportError:
        if require_ext not in ("", "0"):
            raise
        return importlib.import_module(twin)
