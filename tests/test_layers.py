"""Who may import whom: the layer table of the architecture, as a test."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("edge", "cloud_sync", "grafana")
BASE = {f"edge.{name}" for name in ("types", "errors", "clock", "columns", "counters", "events", "times")}

# The longest prefix that a module has decides which of ours it may import, and what it must never.
MAY: dict[str, set[str]] = {
    "edge.types": set(),
    "edge.errors": set(),
    "edge.clock": set(),
    "edge.counters": set(),
    "edge.events": {"edge.types", "edge.events"},
    "edge.times": {"edge.events"},
    "edge.columns": {"edge.types"},
    "edge.gathered": {"edge.columns"},
    "edge.files": {"edge.errors"},
    "edge.toml_file": {"edge.errors", "edge.files"},
    "edge.secrets": {"edge.errors", "edge.files"},
    "edge.tls": {"edge.toml_file"},
    "edge.tasks": set(),
    "edge.ext": {"edge.types", "edge.columns", "edge.errors", "edge.ext"},
    "edge.library": {"edge.types", "edge.errors", "edge.library"},
    "edge.fusion": BASE - {"edge.clock"} | {"edge.ext", "edge.library", "edge.fusion"},
    "edge.report": BASE - {"edge.clock"} | {"edge.library", "edge.fusion", "edge.report", "edge.toml_file"},
    "edge.recording": BASE | {"edge.ext", "edge.fusion.window", "edge.gathered"},
    "edge.pipeline": BASE | {"edge.fusion.window"},
    "edge.sensors": BASE
    | {"edge.ext", "edge.recording", "edge.secrets", "edge.tls", "edge.toml_file", "edge.sensors"},
    "edge.config": BASE | {"edge.toml_file", "edge.sensors", "cloud_sync"},
    "edge.vitals": set(),
    "edge.board": BASE
    | {"edge.config", "edge.vitals", "edge.library", "cloud_sync", "edge.board", "edge.toml_file"},
    "edge.lsp": BASE
    | {"edge.config", "edge.library", "edge.fusion", "edge.report", "edge.secrets", "edge.tasks", "edge.tls"}
    | {"cloud_sync", "edge.files", "edge.lsp", "edge.toml_file"},
    "cloud_sync": {
        "edge.types",
        "edge.errors",
        "edge.clock",
        "edge.events",
        "edge.times",
        "edge.secrets",
        "edge.tls",
        "edge.toml_file",
        "cloud_sync",
    },
    "grafana": {"cloud_sync.schema", "grafana"},
    "edge.cli": {"edge", "cloud_sync", "grafana"},
    "edge": {"edge", "cloud_sync"},
}
NEVER: dict[str, set[str]] = {
    "edge.ext": {"asyncio", "time", "pydantic"},
    "edge.library": {"asyncio", "time", "socket", "logging"},
    "edge.fusion": {"asyncio", "time", "socket", "logging", "pydantic"},
    "edge.types": {"numpy", "pydantic"},
    "edge.events": {"numpy", "pydantic"},
}
ONLY_IN = {
    "aiomqtt": {
        "cloud_sync.mqtt",
        "cloud_sync.mqtt_client",
        "cloud_sync.mqtt_inbox",
        "edge.sensors.mqtt",
        "edge.bench.mqtt",
    },
    "paho": {"cloud_sync.mqtt", "cloud_sync.mqtt_inbox", "edge.sensors.mqtt"},
    "influxdb_client": {"cloud_sync.influx_transport"},
    "llrpkit": set(),
    "amqtt": {"edge.broker"},
}


def modules() -> list[tuple[str, Path]]:
    return [(_name(path), path) for top in OURS for path in sorted((ROOT / top).rglob("*.py"))]


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.module or ""


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def rule_for(module: str) -> str:
    return max((rule for rule in MAY if within(module, rule)), key=len)


@pytest.mark.parametrize(("module", "path"), modules())
def test_module_imports_only_what_its_layer_may(module: str, path: Path) -> None:
    rule = rule_for(module)
    for found in imports(path):
        top = found.partition(".")[0]
        if top in OURS:
            assert any(within(found, allowed) for allowed in MAY[rule]), f"{module} imports {found}"
        for layer, banned in NEVER.items():
            assert not (within(module, layer) and top in banned), f"{module} imports {found}"
        for library, homes in ONLY_IN.items():
            assert top != library or any(within(module, home) for home in homes), f"{module} imports {found}"


@pytest.mark.parametrize(("module", "path"), modules())
def test_driver_imports_no_other_driver(module: str, path: Path) -> None:
    own = module.split(".")[:3]
    if module.count(".") < 2 or not within(module, "edge.sensors"):
        return
    drivers = {p.name for p in (ROOT / "edge/sensors").iterdir() if p.is_dir()}
    for found in imports(path):
        parts = found.split(".")
        other = parts[:2] == ["edge", "sensors"] and len(parts) > 2 and parts[2] in drivers
        assert not other or parts[:3] == own, f"{module} imports {found}"


def test_file_is_not_too_long() -> None:
    long = {m: n for m, p in modules() if (n := len(p.read_text().splitlines())) > 500}
    assert not long
