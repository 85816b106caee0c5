"""Lists of commands say whole sentences on a terminal of 80 columns."""

from collections.abc import Iterator

import click
import pytest

from edge.cli import cli


def groups(group: click.Group, path: str = "edge") -> Iterator[tuple[str, click.Group]]:
    yield path, group
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from groups(command, f"{path} {name}")


@pytest.mark.parametrize(("path", "group"), list(groups(cli)))
def test_list_of_commands_is_whole(path: str, group: click.Group) -> None:
    context = click.Context(group, info_name=path, terminal_width=80)
    listed = group.get_help(context).partition("Commands:")[2]
    assert listed.strip()
    assert "..." not in listed
