"""`edge call-numbers`: the language of call numbers on the command line."""

import sys

import click

from edge.files import read_bytes
from edge.library.call_numbers import DEFAULT_SIGN_ORDER, key_function


@click.group()
def command() -> None:
    """Work with call numbers."""


@command.command(short_help="Print call numbers in shelf order.")
@click.option("--scheme", type=click.Choice(["clc", "lcc", "ddc"]), required=True, help="How they are filed.")
@click.option(
    "--signs",
    default=DEFAULT_SIGN_ORDER,
    show_default=True,
    help="CLC: signs of the class line, first to last; with a '.' the point counts as a sign.",
)
@click.argument("file", required=False, metavar="[FILE]")
def sort(scheme: str, signs: str, file: str | None) -> None:
    """Print call numbers, one a line, in shelf order; equal ones keep their order. Without FILE: stdin."""
    lines = _read(file).split("\n")
    if lines[-1] == "":
        lines.pop()
    lines.sort(key=key_function(scheme, signs))
    output = "".join(f"{line}\n" for line in lines)
    sys.stdout.buffer.write(output.encode("utf-8", "surrogateescape"))


def _read(file: str | None) -> str:
    """Text of the file; bytes that are not UTF-8 come out again as they went in."""
    content = sys.stdin.buffer.read() if file is None or file == "-" else read_bytes(file)
    return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
