"""What InfluxDB's answer to a write means, for v1.8, v2 and v3. Sans-IO."""

import enum
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final

_PARSE: Final = "unable to parse '"
_PARTIAL: Final = "partial write"
_RETENTION: Final = "retention"
_SERIES: Final = re.compile(r"max-?(series|values)")
_FOR_A_PERSON: Final = {401, 403, 404, 301, 302, 307, 308}
_PERSON_S: Final = 60.0
_LONGEST_S: Final = 3600.0


class Kind(enum.Enum):
    """What to do next."""

    STORED = enum.auto()
    MALFORMED = enum.auto()
    """Nothing was stored; some lines cannot be parsed."""
    PARTIAL = enum.auto()
    """The others were stored; it does not say which were not."""
    TOO_OLD = enum.auto()
    """As PARTIAL: points from before the bucket's retention."""
    TOO_LARGE = enum.auto()
    UNAVAILABLE = enum.auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """`named` has the indices of lines that the server named as bad, with its reasons."""

    kind: Kind
    message: str = ""
    retry_after_s: float | None = None
    named: Mapping[int, str] | None = None


def read_answer(
    status: int, headers: Mapping[str, str], body: str, lines: Sequence[str], wall_s: float
) -> Answer:
    """The meaning of a response to `lines`. Only 204 is success: a proxy's login page is a 200."""
    if status == 204:
        return Answer(Kind.STORED)
    message, details = _message(body)
    short = f"{status}: {message[:300]}"
    if status == 413:
        return Answer(Kind.TOO_LARGE, short)
    if status in (400, 422):
        return _bad_data(short, message, details, lines)
    wait_s = retry_after_s(headers.get("Retry-After"), wall_s)
    if wait_s is None and status in _FOR_A_PERSON:
        wait_s = _PERSON_S
    return Answer(Kind.UNAVAILABLE, short, wait_s)


def retry_after_s(value: str | None, wall_s: float) -> float | None:
    """Seconds from either form of the header (RFC 9110 §10.2.3); None where it makes no sense."""
    if value is None:
        return None
    try:
        wait_s = (
            float(value) if value.strip().isdigit() else parsedate_to_datetime(value).timestamp() - wall_s
        )
    except (ValueError, OverflowError):
        return None
    return min(max(wait_s, 0.0), _LONGEST_S)


def _bad_data(short: str, message: str, details: Sequence[Any], lines: Sequence[str]) -> Answer:
    named = _named_by_number(details, len(lines)) or _named_by_text(message, lines)
    if _SERIES.search(message):
        return Answer(Kind.UNAVAILABLE, short, _PERSON_S)
    if _PARTIAL in message:
        kind = Kind.TOO_OLD if _RETENTION in message else Kind.PARTIAL
        return Answer(kind, short, named=named)
    if named or _PARSE in message:
        return Answer(Kind.MALFORMED, short, named=named)
    # A 400 that speaks of no line is about us: the organisation, the bucket, the encoding.
    return Answer(Kind.UNAVAILABLE, short, _PERSON_S)


def _message(body: str) -> tuple[str, Sequence[Any]]:
    """The text of an error document, and v3's list of lines."""
    try:
        said = json.loads(body)
    except ValueError:
        return body, ()
    if not isinstance(said, dict):
        return body, ()
    data = said.get("data")
    return str(said.get("message") or said.get("error") or body), data if isinstance(data, list) else ()


def _named_by_number(details: Sequence[Any], n_lines: int) -> dict[int, str]:
    named = {}
    for detail in details:
        number = detail.get("line_number") if isinstance(detail, dict) else None
        if isinstance(number, int) and 1 <= number <= n_lines:
            named[number - 1] = str(detail.get("error_message", "refused"))[:300]
    return named


def _named_by_text(message: str, lines: Sequence[str]) -> dict[int, str]:
    """v1.8 and v2 repeat each bad line between quotes; the line may hold quotes itself."""
    indices: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        indices.setdefault(line, []).append(index)
    named = {}
    for part in message.split(_PARSE)[1:]:
        for end in (found.start() for found in re.finditer("': ", part)):
            for index in indices.get(part[:end], ()):
                named[index] = part[end + 3 :].strip()[:300]
    return named
