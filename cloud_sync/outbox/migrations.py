"""The store's layout, as numbered steps from an empty file; `PRAGMA user_version` is the last one done."""

import sqlite3
from typing import Final

from edge.errors import ConfigError

# One table a class of worth: what is dropped first then leaves whole pages free, not holes between the rest.
_V1: Final = """
CREATE TABLE raw       (seq INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, put_ms INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE telemetry (seq INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, put_ms INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE event     (seq INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, put_ms INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE alarm     (seq INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, put_ms INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE head  (id INTEGER PRIMARY KEY CHECK (id = 1), next_seq INTEGER NOT NULL, run_ms INTEGER NOT NULL);
CREATE TABLE sink  (name TEXT PRIMARY KEY, pending TEXT NOT NULL, counts TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE epoch (id INTEGER PRIMARY KEY, boot_id TEXT NOT NULL, offset_ns INTEGER NOT NULL, trusted INTEGER NOT NULL, last_ns INTEGER NOT NULL, correction_ns INTEGER);
CREATE TABLE dead  (id INTEGER PRIMARY KEY, sink TEXT NOT NULL, seq INTEGER NOT NULL, reason TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE request (id INTEGER PRIMARY KEY, what TEXT NOT NULL);
INSERT INTO head VALUES (1, 1, 0);
"""  # noqa: E501

_V2: Final = """
CREATE TABLE kept (name TEXT PRIMARY KEY, body BLOB NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;
"""

MIGRATIONS: Final[tuple[str, ...]] = (_V1, _V2)


def migrate(database: sqlite3.Connection, path: str) -> None:
    """Bring the file to the newest version. Raises ConfigError where it is newer than this program."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise ConfigError(f"{path}: outbox of version {version}; this program knows up to {len(MIGRATIONS)}")
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        database.executescript(f"BEGIN IMMEDIATE;{script}PRAGMA user_version={number};COMMIT;")
