"""Passwords and tokens: from files that only their owner may read, never from the configuration itself."""

import os
import stat
from pathlib import Path

from edge.errors import ConfigError, why
from edge.files import read_text


def read_secret(path: str) -> str:
    """The file's text without the line end. Raises ConfigError where others may read it, or nobody can."""
    place = Path(os.path.expandvars(path))
    try:
        mode = place.stat().st_mode
    except OSError as error:
        raise ConfigError(f"{place}: {why(error)}") from None
    text = read_text(place).rstrip("\r\n")
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        raise ConfigError(f"{place}: a secret that others may read: chmod o-rwx it")
    if not text or any(ord(letter) < 32 for letter in text):
        raise ConfigError(f"{place}: expected one line with the secret")
    return text
