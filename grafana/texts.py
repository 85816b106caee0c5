"""The catalogue of texts: everything a person reads on a board, in every language, side by side in TOML."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")


class MissingText(KeyError):
    """A key that the catalogue has not, or not in this language."""


class Texts:
    """The texts of one language. Keys are dotted: the file's name first."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def __call__(self, key: str) -> str:
        """The text. Raises MissingText."""
        found: Any = catalogue()
        for part in key.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        text = found.get(self.language) if isinstance(found, dict) else None
        if not isinstance(text, str) or not text.strip():
            raise MissingText(f"{key} ({self.language})")
        return text.strip()


@cache
def catalogue() -> Mapping[str, Any]:
    """File → its tables."""
    folder = resources.files("grafana") / "texts"
    return {
        entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
