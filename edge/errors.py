"""The exceptions. The class says what the caller does next."""

import os


class EdgeError(Exception):
    """Anything that this product raises on purpose; its text is one line that says what and where."""


class ConfigError(EdgeError, ValueError):
    """A file or a setting is wrong: tell the person, exit with 2."""


class DeviceUnavailable(EdgeError):
    """A device does not answer: try again later."""


class BadFrame(EdgeError, ValueError):
    """Bytes that are not what they should be: count them, skip them, go on."""


class SinkUnavailable(EdgeError):
    """A sink takes nothing now: keep the records, try again later."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NameTaken(SinkUnavailable):
    """Somebody else is there under our name: keep the records, wait long, tell a person."""


class SinkRejected(EdgeError):
    """A sink will never take this record: to the dead letters."""


def why(error: OSError) -> str:
    """What the system says, without its number; the path or address stands before it in the line."""
    said = error.strerror or str(error)
    return os.strerror(error.errno) if error.errno and said.startswith("Connect call failed") else said
