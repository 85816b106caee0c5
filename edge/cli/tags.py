"""`edge tags`: the contents of library tags on the command line."""

import re

import click

from edge.cli.common import json_option, print_json
from edge.cli.stock import load_lookup
from edge.errors import ConfigError
from edge.library.tags import Bank, TagContents, decode_tag
from edge.library.tags.lookup import BarcodeLookup

_SEPARATORS = re.compile(r"[\s:_-]+")
_SHOWN = ("barcode", "owner", "set", "afi", "usage", "shelf_location", "title")


@click.group()
def command() -> None:
    """Work with library tags."""


@command.command(short_help="Say what is on a tag.")
@click.argument("banks", nargs=-1, required=True, metavar="HEX…")
@click.option(
    "--bank",
    type=click.Choice([bank.value for bank in Bank]),
    default=Bank.EPC.value,
    show_default=True,
    help="Where it was read.",
)
@click.option(
    "--lookup", "lookup_path", metavar="FILE", help="CSV id,barcode: what an EPC or a TID stands for."
)
@json_option
def decode(banks: tuple[str, ...], bank: str, lookup_path: str | None, as_json: bool) -> None:
    """Say what is on a tag: ISO 28560-2, -3, -4, the Chinese university model, GS1 or 3M.

    HEX is a whole bank; of the EPC bank also PC and UII, or the bare UII.
    """
    table = load_lookup(lookup_path)
    contents = [(hexadecimal, decode_tag(_bytes(hexadecimal), bank)) for hexadecimal in banks]
    rows = [_row(hexadecimal, tag, table) for hexadecimal, tag in contents]
    if as_json:
        print_json(rows)
    else:
        click.echo("\n\n".join(map(_text, rows)))


def _bytes(hexadecimal: str) -> bytes:
    try:
        data = bytes.fromhex(_SEPARATORS.sub("", hexadecimal.removeprefix("0x")))
    except ValueError:
        raise ConfigError(f"{hexadecimal!r} is not hex: expected an even number of 0-9 and A-F") from None
    if not data:
        raise ConfigError("HEX is empty")
    return data


def _row(hexadecimal: str, tag: TagContents, table: BarcodeLookup) -> dict[str, object]:
    return {
        "input": hexadecimal,
        "model": tag.model.value,
        "barcode": table.barcode(hexadecimal) or tag.barcode,
        "owner": tag.owner,
        "set": tag.set_info,
        "afi": tag.afi,
        "usage": tag.usage,
        "shelf_location": tag.shelf_location,
        "title": tag.title,
        "problems": list(tag.problems),
    }


def _text(row: dict[str, object]) -> str:
    lines = [f"{row['input']}", f"  model: {row['model']}"]
    lines += [f"  {name}: {_safe(str(row[name]))}" for name in _SHOWN if row[name] is not None]
    problems = row["problems"]
    assert isinstance(problems, list)
    return "\n".join(lines + [f"  problem: {problem}" for problem in problems])


def _safe(text: str) -> str:
    """Without control characters: a tag is a stranger's text, and this is a terminal."""
    return "".join(character if character.isprintable() else "�" for character in text)
