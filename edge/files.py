"""Files that a person names: read, or written whole, with every failure one line that says what and where."""

import json
from pathlib import Path

from edge.errors import ConfigError, why


def read_bytes(path: str | Path) -> bytes:
    """The content of a file. Raises ConfigError."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {why(error)}") from None


def read_text(path: str | Path) -> str:
    """The UTF-8 text of a file, without a byte order mark. Raises ConfigError with the line of a bad byte."""
    data = read_bytes(path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8") from None


def read_json(path: str | Path) -> object:
    """The JSON document of a file. Raises ConfigError with the line where it is none."""
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
    except RecursionError:
        raise ConfigError(f"{path}: not JSON: nested too deep") from None


def write_whole(path: str | Path, content: bytes) -> None:
    """Write beside, then rename: the file is whole or as it was. Raises ConfigError."""
    beside = Path(f"{path}.new")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: {why(error)}") from None


def check_readable(path: str | Path) -> None:
    """Raises ConfigError where it is no file that can be read."""
    try:
        Path(path).open("rb").close()
    except OSError as error:
        raise ConfigError(f"{path}: {why(error)}") from None
