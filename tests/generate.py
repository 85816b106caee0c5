"""Writes what is generated and committed; `--check` only compares, and fails when something is stale."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from edge import asyncapi
from edge.cli import cli
from edge.documents import DOCUMENTS, schema
from grafana.files import files as grafana_files

ROOT = Path(__file__).resolve().parent.parent


def files() -> Iterator[tuple[Path, str]]:
    """Every generated file with the text that it should have."""
    for name in DOCUMENTS:
        path = ROOT / "docs/reference/schemas" / f"{name}.schema.json"
        yield path, _json(schema(name))
    yield ROOT / "docs/reference/asyncapi.json", _json(asyncapi.document())
    yield ROOT / "docs/reference/commands.md", commands_page()
    for name, text in grafana_files():
        yield ROOT / "grafana" / name, text


def _json(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def commands_page() -> str:
    """Each command with its help, as the terminal shows it."""
    parts = ["# Commands\n\nMade from the commands' own help.\n"]
    for path, command in sorted(_walk(cli, "edge")):
        context = click.Context(command, info_name=path, max_content_width=100, terminal_width=100)
        parts.append(f"## {path}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def _walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _walk(found, f"{path} {name}")


def stale() -> list[Path]:
    """Generated files that are not what they should be."""
    return [path for path, text in files() if not path.exists() or path.read_text() != text]


def main() -> int:
    if "--check" in sys.argv:
        found = stale()
        for path in found:
            print(f"{path.relative_to(ROOT)}: stale; run `make docs`", file=sys.stderr)
        return 1 if found else 0
    for path, text in files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
