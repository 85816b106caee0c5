"""A stock-take session as a document: evidence that can be put away, taken up again and merged."""

from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite, nan
from typing import Any, Final

from edge.errors import ConfigError
from edge.fusion.inventory.evidence import Evidence, Heard, PassSpan, TagEvidence
from edge.fusion.locate.own import Own

SCHEMA: Final = 1


def document(evidence: Evidence) -> dict[str, object]:
    """The session as JSON-able data."""
    return {
        "schema": SCHEMA,
        "tags": [_tag_document(tag) for tag in evidence.tags.values()],
        "scans": {shelf: [_span_document(span) for span in spans] for shelf, spans in evidence.scans.items()},
    }


def parse(session: object, name: str = "session") -> Evidence:
    """The evidence of a session document. Raises ConfigError where it is none."""
    if not isinstance(session, dict) or session.get("schema") != SCHEMA:
        raise ConfigError(f"{name}: not a stock-take session of schema {SCHEMA}")
    try:
        tags = {str(tag["epc"]): _tag(tag) for tag in session["tags"]}
        scans = {str(shelf): tuple(map(_span, spans)) for shelf, spans in session["scans"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{name}: damaged session: {error!r}") from None
    return Evidence(tags, scans)


def _tag_document(tag: TagEvidence) -> dict[str, object]:
    place = {"shelf": tag.shelf, "x_m": tag.x_m, "x_sd_m": tag.x_sd_m}
    memory = {"pc": tag.pc, "tid": tag.tid, "user": tag.user}
    return {
        "epc": tag.epc,
        "reads": tag.reads,
        "last_ns": tag.last_ns,
        "own": [asdict(one) for one in tag.own],
        "heard": {shelf: _heard_document(one) for shelf, one in tag.heard.items()},
        **{key: value for key, value in (place | memory).items() if value is not None},
    }


def _heard_document(one: Heard) -> dict[str, object]:
    loud = one.loud_dbm if isfinite(one.loud_dbm) else None
    return {"reads": one.reads, "loud_dbm": loud, "window_m": one.window_m, "passes": one.passes}


def _span_document(span: PassSpan) -> dict[str, object]:
    return {"start_ns": span.start_ns, "end_ns": span.end_ns, "low_m": span.low_m, "high_m": span.high_m}


def _tag(tag: Mapping[str, Any]) -> TagEvidence:
    return TagEvidence(
        epc=str(tag["epc"]),
        reads=int(tag["reads"]),
        heard={str(shelf): _heard(one) for shelf, one in tag["heard"].items()},
        shelf=_text(tag.get("shelf")),
        x_m=_number(tag.get("x_m")),
        x_sd_m=_number(tag.get("x_sd_m")),
        own=tuple(map(_own, tag.get("own", ()))),
        pc=_text(tag.get("pc")),
        tid=_text(tag.get("tid")),
        user=_text(tag.get("user")),
        last_ns=int(tag["last_ns"]),
    )


def _own(one: Mapping[str, Any]) -> Own:
    start_m = tuple(map(float, one["start_m"]))
    p = tuple(tuple(map(float, look)) for look in one["p"])
    if not start_m or len(start_m) != len(p):
        raise ValueError("each look at a tag has one start")
    return Own(start_m, p, float(one["step_m"]), float(one["misfit"]))


def _heard(one: Mapping[str, Any]) -> Heard:
    loud = _number(one["loud_dbm"])
    return Heard(int(one["reads"]), nan if loud is None else loud, float(one["window_m"]), int(one["passes"]))


def _span(span: Mapping[str, Any]) -> PassSpan:
    return PassSpan(int(span["start_ns"]), int(span["end_ns"]), float(span["low_m"]), float(span["high_m"]))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
