"""Kernels. Each is a triple: `x.py` (docs, checks, the only import), `_x_c.pyx`, and its twin `_x_py.py`."""

import functools
import importlib
import os
from types import ModuleType


@functools.cache
def load(name: str) -> ModuleType:
    """The compiled kernel `_{name}_c`, or its twin `_{name}_py` where it was not built or EDGE_NO_EXT is set.

    The environment is looked at once a kernel. Raises ImportError where EDGE_REQUIRE_EXT is set and it
    was not built.
    """
    twin = f"edge.ext._{name}_py"
    if os.environ.get("EDGE_NO_EXT", "") not in ("", "0"):
        return importlib.import_module(twin)
    try:
        return importlib.import_module(f"edge.ext._{name}_c")
    except ImportError:
        if os.environ.get("EDGE_REQUIRE_EXT", "") not in ("", "0"):
            raise
        return importlib.import_module(twin)


def backend(name: str) -> str:
    """`c` or `python`: which writing of the kernel serves in this process."""
    return "c" if load(name).__name__.endswith("_c") else "python"
