"""Records as MQTT messages: which topic, which JSON, what is retained and what is left unsaid. Sans-IO."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Final

from cloud_sync import schema
from cloud_sync.json_text import Form
from edge.events import RECORD_TYPES, Record, ShelfState, SpaceOccupied

_dumps: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
# As edge.events.record_id writes it; test_messages.py holds the two together.
_sorted: Final = json.JSONEncoder(separators=(",", ":"), sort_keys=True, allow_nan=False).encode
_DATA: Final = {
    kind: Form(sorted(field.name for field in fields(kind)), encode_basestring_ascii, _sorted)
    for kind in RECORD_TYPES.values()
}
_SUBJECT: Final = '"subject":'
_REPLAYED: Final = '"replayed":true,'
_SUBJECTS: Final = ("space", "shelf", "door", "source", "to_shelf")


_SUBJECT_OF: Final = {
    kind: name
    for kind in RECORD_TYPES.values()
    for name in reversed(_SUBJECTS)
    if name in {field.name for field in fields(kind)}
}


@dataclass(frozen=True, slots=True)
class Message:
    """One publish at QoS 1. `expiry_s` needs MQTT 5; 0 means for ever."""

    topic: str
    payload: bytes
    retain: bool = False
    expiry_s: int = 0


@dataclass(frozen=True, slots=True)
class _Said:
    """What the last event about a space said."""

    t_ns: int
    gist: tuple[int, bool, str]


class Messages:
    """Encoder of one node. It remembers the newest states, so that an old one never covers a newer one."""

    def __init__(
        self,
        site: str,
        node: str,
        spaces: Mapping[str, schema.SpaceInfo] | None = None,
        *,
        space_expiry_s: int = 900,
        occupancy_every_s: float = 300.0,
    ) -> None:
        self._site, self._node = site, node
        self._source = f"/{schema.PREFIX}/{site}/{node}"
        self._event_topics = {kind: schema.event_topic(site, node, kind) for kind in schema.EVENT_TYPES}
        self._id_head = f"[{_sorted(site)},{_sorted(node)},"
        self._spaces = dict(spaces or {})
        self._space_expiry_s = space_expiry_s
        self._every_ns = int(occupancy_every_s * 1e9)
        self._states: dict[str, tuple[int, Message]] = {}
        self._said: dict[str, _Said] = {}

    def of(self, record: Record, *, replayed: bool = False) -> Iterator[Message]:
        """What to publish for a record, perhaps nothing. Raises ValueError on ids or numbers that JSON and
        topics cannot carry."""
        if isinstance(record, SpaceOccupied):
            yield from self._space_state(record)
            if not self._worth_saying(record, replayed):
                return
        if isinstance(record, ShelfState):
            yield from self._shelf_state(record)
        if record.TYPE not in schema.NOT_EVENTS:
            yield Message(self._event_topics[record.TYPE], self._event(record, replayed))

    def states(self, now_ns: int) -> list[Message]:
        """The newest of every retained state, but for those that have expired: to be said again."""
        return [said for t_ns, message in self._states.values() for said in _unexpired(message, t_ns, now_ns)]

    def seed(self, record: Record) -> None:
        """A state that was already published, by an earlier run."""
        for _ in self.of(record) if isinstance(record, SpaceOccupied | ShelfState) else ():
            pass

    def status(self, state: str, t_ns: int, version: str, boot_id: str, reasons: list[str]) -> Message:
        """The retained status."""
        said = {
            "state": state,
            "t": rfc3339(t_ns),
            "version": version,
            "boot_id": boot_id,
            "reasons": reasons,
        }
        return Message(schema.status_topic(self._site, self._node), _dumps(said).encode(), retain=True)

    def _event(self, record: Record, replayed: bool) -> bytes:
        """A CloudEvent. Its `data` is the text that the id is made of, so it is written once."""
        data = _DATA[type(record)].of(record)
        id_ = hashlib.sha256(f'{self._id_head}"{record.TYPE}",{data}]'.encode()).hexdigest()[:32]
        subject = _subject(record)
        return (
            f'{{"specversion":"{schema.SPEC_VERSION}","id":"{id_}","source":"{self._source}",'
            f'"type":"{record.TYPE}","time":"{rfc3339(record.t_ns)}",'
            f"{'' if subject is None else f'{_SUBJECT}{_dumps(subject)},'}"
            f'{_REPLAYED if replayed else ""}"datacontenttype":"{schema.JSON_TYPE}","data":{data}}}'
        ).encode()

    def _space_state(self, record: SpaceOccupied) -> Iterator[Message]:
        info = self._spaces.get(record.space, schema.SpaceInfo())
        state = {
            "space": record.space,
            "t": rfc3339(record.t_ns),
            "people": record.people,
            "people_sd": record.people_sd,
            "occupied": record.occupied,
            "quality": record.quality,
            "zone": info.zone,
            "capacity": info.capacity,
        }
        topic = schema.space_topic(self._site, self._node, record.space)
        return self._newest(record.t_ns, Message(topic, _dumps(state).encode(), True, self._space_expiry_s))

    def _shelf_state(self, record: ShelfState) -> Iterator[Message]:
        state = {
            "shelf": record.shelf,
            "t": rfc3339(record.t_ns),
            "books": [asdict(book) for book in record.books],
            "read_rate": record.read_rate,
        }
        topic = schema.shelf_topic(self._site, self._node, record.shelf)
        return self._newest(record.t_ns, Message(topic, _dumps(state).encode(), True))

    def _newest(self, t_ns: int, message: Message) -> Iterator[Message]:
        known = self._states.get(message.topic)
        if known is None or known[0] <= t_ns:
            self._states[message.topic] = (t_ns, message)
            yield message

    def _worth_saying(self, record: SpaceOccupied, replayed: bool) -> bool:
        """On change, and every few minutes; late ones are compared with late ones."""
        key = f"{record.space} late" if replayed else record.space
        gist = (round(record.people), record.occupied >= 0.5, record.quality)
        last = self._said.get(key)
        if last is not None and last.gist == gist and 0 < record.t_ns - last.t_ns < self._every_ns:
            return False
        self._said[key] = _Said(record.t_ns, gist)
        return True


def _unexpired(message: Message, t_ns: int, now_ns: int) -> Iterator[Message]:
    """The message with what is left of its time, if anything is."""
    if not message.expiry_s:
        yield message
        return
    left_s = message.expiry_s - max(now_ns - t_ns, 0) // 1_000_000_000
    if left_s > 0:
        yield replace(message, expiry_s=left_s)


def _subject(record: Record) -> str | None:
    """The id of what the event is about."""
    name = _SUBJECT_OF.get(type(record))
    return None if name is None else getattr(record, name)


def rfc3339(t_ns: int) -> str:
    """UTC with nanoseconds. Raises ValueError outside the years 1970 to 9999."""
    seconds, nanos = divmod(t_ns, 1_000_000_000)
    if not 0 <= seconds <= 253_402_300_799:
        raise ValueError(f"{t_ns} ns is no time that can be written")
    return f"{_second(seconds)}.{nanos:09d}Z"


@lru_cache(1024)
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
