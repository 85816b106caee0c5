"""The `edge` command: a group whose commands are imported when they are called."""

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final

import click

from edge import __version__
from edge.errors import ConfigError, EdgeError, why

COMMANDS: Final[dict[str, str]] = {
    "run": "Run the daemon.",
    "demo": "Show a simulated library live: nothing else is needed.",
    "locate": "Find every book's place along the shelf in a recording.",
    "calibrate": "Show and keep what a recording says of antenna and encoder.",
    "spaces": "Count people per space, and say how spaces are used.",
    "record": "Write the readings of a site's sources into a file.",
    "call-numbers": "Sort call numbers in shelf order.",
    "find": "Say where a book was last seen.",
    "inventory": "Take stock: misplaced, missing, wrong status, unknown tags.",
    "tags": "Decode the contents of library tags.",
    "replay": "Run the daemon on recordings.",
    "check": "Check that everything is there that the daemon needs.",
    "status": "Show how the running daemon is.",
    "outbox": "Show and mend what waits for delivery.",
    "lsp": "Ask the library system: is it there, what does it say of a book.",
    "sensors": "List the drivers, or show one's sample.",
    "grafana": "Bring boards and alerts to a Grafana.",
    "bench": "Measure how fast this machine is.",
}
"""Name → one line of help; the module is `edge.cli.<name with _>` and has the click command `command`."""


class LazyGroup(click.Group):
    """Imports a command's module only when it runs: `edge --help` stays fast on a small board."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"edge.cli.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="edge")
def cli() -> None:
    """See where every book stands and how every room is used.

    Exit codes: 0 done, 1 a fault in the world (a sensor down, a check failed), 2 bad usage or bad input.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `arguments`, or those of the process: an error is one line on stderr and its exit code."""
    _use_one_core()
    _use_no_plugins()
    try:
        cli.main(arguments, prog_name="edge", standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as asked:
        click.echo(asked.format_message(), err=True)
        sys.exit(2)
    except (click.ClickException, EdgeError, OSError) as error:
        click.echo(f"edge: {_line(error)}", err=True)
        sys.exit(1 if isinstance(error, EdgeError) and not isinstance(error, ConfigError) else 2)


def _use_one_core() -> None:
    """Our matrices are small: threads of the linear algebra wait for one another and burn what they save.

    Only before numpy is imported, which commands do; who sets the variable has their way.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _use_no_plugins() -> None:
    """None is ours, and to look for some pydantic reads what is said of every package that is installed."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _line(error: click.ClickException | EdgeError | OSError) -> str:
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, EdgeError):
        return str(error)
    if error.filename is None:
        raise error  # not about a file that somebody named: ours to mend
    return f"{error.filename}: {why(error)}"
