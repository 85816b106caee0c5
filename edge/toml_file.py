"""TOML files with models: every fault is one line that names file, line, key and what was expected."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from edge.errors import ConfigError
from edge.files import read_text

MAX_CHARACTERS: Final = 8 << 20
_HEADER: Final = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(r"^\s*([A-Za-z0-9_-]+|\"[^\"]*\")\s*(?:\.|=)")
_TOML_PLACE: Final = re.compile(r"^(?P<what>.*?) \(at line (?P<line>\d+), column \d+\)$")

Path_ = Sequence[str | int]
M = TypeVar("M", bound="Strict")


class Strict(BaseModel):
    """A table in which every key is known; wrong ones are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A file with its text kept, so that a fault found in a table can name the line."""

    path: str
    text: str
    tables: dict[str, Any]

    def as_model(self, model: type[M], place: Path_ = ()) -> M:
        """The table at `place` as `model`. Raises ConfigError: `file:line: key: what was expected`."""
        table: Any = self.tables
        for part in place:
            table = table[part] if isinstance(part, int) or part in table else {}
        try:
            return model.model_validate(table)
        except ValidationError as error:
            raise ConfigError(_first(self, place, error)) from None

    def fault(self, place: Path_, message: str) -> ConfigError:
        """A fault at `place` that no model can find."""
        key = ".".join(str(part) for part in place)
        return ConfigError(f"{self.path}:{line_of(self.text, place)}: {key}: {message}")


def load(path: str | Path, model: type[M]) -> M:
    """The file as `model`. Raises ConfigError with the first fault as `file:line: key: what was expected`."""
    return open_toml(path).as_model(model)


def open_toml(path: str | Path) -> TomlFile:
    """The file's tables. Raises ConfigError where it can't be read or is not TOML."""
    text = _text(path)
    try:
        return TomlFile(str(path), text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.match(str(error))
        where = f"{path}:{found['line']}" if found else str(path)
        raise ConfigError(f"{where}: not TOML: {found['what'] if found else error}") from None


def line_of(text: str, place: Path_) -> int:
    """The line (from 1) where the key at `place` stands; its table's line where the key is absent."""
    wanted = [str(part) for part in place if isinstance(part, str)]
    index = next((part for part in place if isinstance(part, int)), 0)
    line, depth = _header_line(text.splitlines(), wanted, index)
    for key in wanted[depth:]:
        found = _key_line(text.splitlines(), line, key)
        if found is None:
            break
        line = found
    return max(line, 1)


def _text(path: str | Path) -> str:
    text = read_text(path)
    if len(text) > MAX_CHARACTERS:
        raise ConfigError(f"{path}: larger than {MAX_CHARACTERS} characters")
    return text


def _first(file: TomlFile, prefix: Path_, error: ValidationError) -> str:
    found = [((*prefix, *_place(fault)), fault) for fault in error.errors(include_url=False)]
    faults = [(line_of(file.text, place), place, fault) for place, fault in found]
    # A misspelt key is both unknown and missing: the unknown one shows the mistake.
    line, place, fault = min(faults, key=lambda one: (one[2]["type"] != "extra_forbidden", one[0]))
    key = ".".join(str(part) for part in place) or "file"
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{file.path}:{line}: {key}: {_said(fault)}{more}"


def _place(fault: ErrorDetails) -> Path_:
    place: Path_ = fault.get("ctx", {}).get("place", fault["loc"])
    return place


def _said(fault: ErrorDetails) -> str:
    said = fault["msg"].removeprefix("Input should be ")
    match fault["type"]:
        case "missing":
            return "required, and not there"
        case "extra_forbidden":
            return "no such key"
        case "place_error":
            return said
        case "value_error":
            expected = said
        case "string_pattern_mismatch":
            expected = f"expected text that matches {fault['ctx']['pattern']}"
        case _:
            expected = f"expected {said}"
    shown = ascii(fault["input"])
    return expected if len(shown) > 60 else f"{expected}, found {shown}"


def _header_line(lines: Sequence[str], wanted: Sequence[str], index: int) -> tuple[int, int]:
    """The line of the deepest header that leads to `wanted`, and how many parts of `wanted` it covers."""
    best, depth, seen, inside = 0, 0, -1, False
    for number, line in enumerate(lines, 1):
        header = _HEADER.match(line)
        if header is None:
            continue
        parts = [part.strip(' "') for part in header[2].split(".")]
        if header[1] == "[[" and parts == list(wanted[:1]):
            seen += 1
        inside = parts[:1] == list(wanted[:1]) and (seen in (-1, index))
        if inside and len(parts) > depth and parts == list(wanted[: len(parts)]):
            best, depth = number, len(parts)
    return best, depth


def _key_line(lines: Sequence[str], after: int, key: str) -> int | None:
    """The line of `key =` in the table that starts at line `after` (0: the top of the file)."""
    for number, line in enumerate(lines[after:], after + 1):
        if _HEADER.match(line):
            return None
        found = _KEY.match(line)
        if found and found[1].strip('"') == key:
            return number
    return None
