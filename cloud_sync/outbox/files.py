"""The outbox's files: one owner, a name for what was damaged, a ballast that makes room on a full disk."""

import fcntl
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from cloud_sync.outbox.store import Store, StoreDamaged
from edge.errors import ConfigError

_log: Final = logging.getLogger(__name__)
_CHECK_UP_TO_BYTES: Final = 64 << 20
"""After an unclean end a file up to this size is checked as a whole before it is used."""


class Files:
    """Everything at and beside `path`. Opening raises ConfigError where another process has it."""

    def __init__(self, path: Path, ballast_bytes: int) -> None:
        self.path = path
        self.set_aside_files: list[Path] = []
        self._ballast_bytes = ballast_bytes
        self._lock: IO[bytes] | None = None

    def lock(self) -> None:
        """Make this process the only one that writes."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = open(self._beside(".lock"), "wb")  # noqa: SIM115
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise ConfigError(f"{self.path}: another process has this outbox open") from None

    def unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def open(self, max_bytes: int) -> Store:
        """The store; where the file is damaged, it is set aside and a new one made."""
        unclean = self._beside("-wal").exists()
        try:
            store = Store(self.path, max_bytes)
            if unclean and self.path.stat().st_size <= _CHECK_UP_TO_BYTES and not store.sound():
                store.close()
                raise StoreDamaged("outbox: the file did not pass SQLite's check")
        except StoreDamaged as error:
            _log.error("%s: damaged (%s)", self.path, error)
            self.set_aside()
            store = Store(self.path, max_bytes)
        self.make_ballast()
        return store

    def set_aside(self) -> Path:
        """Rename the file and its log; the new name."""
        number = 1
        while (aside := self._beside(f".damaged-{number}")).exists():
            number += 1
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.rename(self._beside(suffix), f"{aside}{suffix}")
        self.set_aside_files.append(aside)
        _log.error("%s: set aside as %s; going on with an empty outbox", self.path, aside.name)
        return aside

    def missing_ballast_bytes(self) -> int:
        """What must stay free so that the ballast can be made again."""
        return 0 if self._beside(".ballast").exists() else self._ballast_bytes

    def make_ballast(self) -> None:
        """Hold some room that can be given back at once; not where the disk is about to be full."""
        ballast = self._beside(".ballast")
        disk = os.statvfs(self.path.parent)
        if ballast.exists() or disk.f_bavail * disk.f_frsize < 2 * self._ballast_bytes:
            return
        try:
            ballast.write_bytes(os.urandom(4096) * (self._ballast_bytes // 4096))
        except OSError:
            self.drop_ballast()

    def drop_ballast(self) -> None:
        """Give the room back: SQLite needs some even for deleting."""
        with suppress(OSError):
            self._beside(".ballast").unlink()

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)
