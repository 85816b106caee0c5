"""The page's files: read once, served with a tag of their content, so that little is loaded twice."""

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
LANGUAGES: Final = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it goes out."""

    body: bytes
    content_type: str
    etag: str


def load_assets() -> dict[str, Asset]:
    """All files of the page by name."""
    found = {}
    for entry in files("edge.board").joinpath("static").iterdir():
        kind = _TYPES.get("." + entry.name.rpartition(".")[2])
        if kind is not None:
            body = entry.read_bytes()
            found[entry.name] = Asset(body, kind, hashlib.sha256(body).hexdigest()[:20])
    return found


def texts(language: str) -> dict[str, str]:
    """The catalogue of the page in one of LANGUAGES."""
    catalogue = json.loads(files("edge.board").joinpath("static", "texts.json").read_text("utf-8"))
    found: dict[str, str] = {key: by_language[language] for key, by_language in catalogue.items()}
    return found
