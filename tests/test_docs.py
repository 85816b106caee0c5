"""What the documentation shows works: commands and their options exist, files load, links lead somewhere."""

import re
import shlex
from pathlib import Path

import click
import pytest

from edge.cli import cli
from edge.daemon_config import load_config
from edge.drivers import load_setups
from edge.lsp.parts import parse_part

ROOT = Path(__file__).resolve().parent.parent
_FOLDERS = ("docs", "docs/howto", "docs/why")
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(page for folder in _FOLDERS for page in sorted((ROOT / folder).glob("*.md"))),
    *sorted((ROOT / "firmware_configs").rglob("*.md")),
]
COMMAND = re.compile(r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:[\w./]*/)?edge ([a-z].*?)(?:\s+#.*)?$", re.MULTILINE)


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def shown_commands() -> list[tuple[str, str]]:
    """Every `edge …` in a shell block, with the page it is on."""
    return [
        (page.name, line)
        for page in PAGES
        for language in ("sh", "bash", "console")
        for block in blocks(page, language)
        for line in COMMAND.findall(block)
    ]


def command_of(words: list[str]) -> click.Command:
    """The command that the words call; they lose its name. A group may have one that need not be named."""
    command: click.Command = cli
    while isinstance(command, click.Group):
        context = click.Context(command)
        found = command.get_command(context, words[0])
        defaults = (command.get_command(context, name) for name in ("take", "count"))
        command = found or next(filter(None, defaults), click.Command("none"))
        words[:] = words[1:] if found else words
    return command


@pytest.mark.parametrize(("page", "line"), shown_commands())
def test_command_that_is_shown_exists_with_its_options(page: str, line: str) -> None:
    words = shlex.split(line.partition("|")[0].partition(">")[0])
    command = command_of(words)
    assert command.callback is not None, f"{page}: edge {line}"
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    shown = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert shown <= known | {"--help"}, f"{page}: edge {line}"


def test_tutorial_site_and_configuration_load(tmp_path: Path) -> None:
    site, config = blocks(ROOT / "docs/tutorial.md", "toml")
    (tmp_path / "site.toml").write_text(site)
    (tmp_path / "daemon.toml").write_text(config)
    load_setups(tmp_path / "site.toml")
    assert load_config(tmp_path / "daemon.toml").node == "board-1"


HOWTO = sorted((ROOT / "docs/howto").glob("*.md"))
SHOWN = [(page, n) for page in HOWTO for n in range(len(blocks(page, "toml")))]


@pytest.mark.parametrize(("page", "n"), SHOWN, ids=[f"{page.stem}-{n}" for page, n in SHOWN])
def test_configuration_that_is_shown_loads(page: Path, n: int, tmp_path: Path) -> None:
    text = blocks(page, "toml")[n]
    (tmp_path / "daemon.toml").write_text(text)
    load_config(tmp_path / "daemon.toml")


def test_shelf_list_part_that_is_shown_is_one() -> None:
    (shown,) = blocks(ROOT / "docs/howto/library-system.md", "json")
    assert len(parse_part("0", shown.encode()).items) == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name}: {target}"
