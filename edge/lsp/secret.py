"""A library system's password: from a file that only its owner may read, or from the environment."""

import os

from edge.errors import ConfigError, SinkUnavailable
from edge.secrets import read_secret


def secret_of(path: str | None, variable: str) -> str:
    """The secret. Raises SinkUnavailable where there is none: a person may mend that while we run."""
    if path is not None:
        try:
            return read_secret(path)
        except ConfigError as error:
            raise SinkUnavailable(str(error), retry_after_s=60.0) from None
    found = os.environ.get(variable)
    if not found:
        raise SinkUnavailable(f"no password: neither a file is named nor {variable} set", retry_after_s=60.0)
    return found
