"""Builds the kernels of `edge.ext`; everything else is said in pyproject.toml.

EDGE_NO_EXT=1       build no kernel: the plain-Python twins serve
EDGE_REQUIRE_EXT=1  a kernel that does not build fails the installation (default: the twin serves)
EDGE_DEBUG_EXT=1    build with bounds checks
"""

import os
from pathlib import Path

import numpy
from setuptools import Extension, find_packages, setup
from setuptools.command.build_ext import build_ext


def switched_on(name: str) -> bool:
    return os.environ.get(name, "") not in ("", "0")


class OptionalBuildExt(build_ext):
    """A board without a compiler still gets a working daemon, only a slower one."""

    def finalize_options(self) -> None:
        super().finalize_options()
        # Two at a time: a compiler takes up to half a gigabyte, and a small board has one or two.
        self.parallel = self.parallel or min(2, os.cpu_count() or 1)

    def run(self) -> None:
        try:
            super().run()
        except Exception as error:
            if switched_on("EDGE_REQUIRE_EXT"):
                raise
            print(f"kernels were not built ({error}); the plain-Python twins will serve")


def kernels() -> list[Extension]:
    if switched_on("EDGE_NO_EXT"):
        return []
    from Cython.Build import cythonize

    debug = switched_on("EDGE_DEBUG_EXT")
    sources = sorted(str(path) for path in Path("edge/ext").glob("_*_c.pyx"))
    extensions = [
        Extension(
            source.removesuffix(".pyx").replace("/", "."),
            [source],
            include_dirs=[numpy.get_include()],
            define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
            extra_compile_args=["-O3", "-fno-math-errno"],
            optional=not switched_on("EDGE_REQUIRE_EXT"),
        )
        for source in sources
    ]
    directives = {
        "language_level": 3,
        "boundscheck": debug,
        "wraparound": debug,
        "initializedcheck": debug,
        "cdivision": True,
    }
    # force: cythonize does not see that a directive has changed.
    return cythonize(extensions, compiler_directives=directives, force=True, quiet=True, build_dir="build")


setup(
    packages=find_packages(include=["edge*", "cloud_sync*", "grafana*"]),
    package_data={
        "": ["py.typed", "*.pxd", "*.pyx", "README.md", "sample.toml", "static/*", "*.toml", "*.json"],
        "grafana": ["texts/*.toml", "out/*/*/*.json", "provisioning/*.yaml"],
    },
    ext_modules=kernels(),
    cmdclass={"build_ext": OptionalBuildExt},
)
