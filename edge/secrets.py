"""Passwords and tokens: from files that only their owner may read, never from the configuration itself."""

import os
import stat
from pathlib import Path

from edge.errors import ConfigError


def read_secret(path: str) -> str:
    """The file's text without the line end. Raises ConfigError where others may read it, or nobody can."""
    place = Path(os.path.expandvars(path))
    try:
        mode = place.stat().st_mode
        text = place.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{place}: the secret cannot be read: {error}") from None
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        raise ConfigError(f"{place}: a secret that others may read: chmod o-rwx it")
    if not text or any(ord(letter) < 32 for letter in text):
        raise ConfigError(f"{place}: expected one line with the secret")
    return text
