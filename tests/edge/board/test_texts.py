"""The page's texts: both languages complete, and every text that the page asks for is there."""

import json
import re
from pathlib import Path

import edge.board
from edge.board.rooms import Band, Trend
from edge.config import SpaceZone
from edge.events import SensorHealthChanged, SpaceNoiseChanged
from edge.fusion.seek import Trend as Seeking

STATIC = Path(edge.board.__file__).parent / "static"
CATALOGUE: dict[str, dict[str, str]] = json.loads((STATIC / "texts.json").read_text())
SCRIPTS = "\n".join(path.read_text() for path in sorted(STATIC.glob("*.js")))
PAGE = "\n".join((STATIC / name).read_text() for name in ("index.html", "find.html"))


def test_every_text_is_there_in_both_languages() -> None:
    assert all(set(texts) == {"en", "zh"} and all(texts.values()) for texts in CATALOGUE.values())


def test_placeholders_are_the_same_in_both_languages() -> None:
    fields = re.compile(r"\{(\w+)\}")
    differ = [
        key for key, by in CATALOGUE.items() if set(fields.findall(by["en"])) != set(fields.findall(by["zh"]))
    ]
    assert differ == []


def test_every_text_that_the_page_names_exists() -> None:
    named = set(re.findall(r'\bt\("([\w-]+)"', SCRIPTS)) | set(
        re.findall(r'data-t(?:-label)?="([\w-]+)"', PAGE)
    )
    assert named - set(CATALOGUE) == set()


def test_every_family_of_texts_is_complete() -> None:
    families = {
        "band": [*Band.__args__, "few"],
        "trend": Trend.__args__,
        "zone": SpaceZone.__args__,
        "noise": SpaceNoiseChanged.__annotations__["level"].__args__,
        "state": [*SensorHealthChanged.__annotations__["state"].__args__, "unheard"],
        "seek": [trend.value for trend in Seeking],
        "link": ["waiting", "live", "stale", "lost"],
    }
    wanted = {f"{family}-{word}" for family, words in families.items() for word in words}
    assert wanted - set(CATALOGUE) == set()


def test_page_has_no_script_style_or_address_of_its_own() -> None:
    assert not re.search(r"<script(?![^>]*\bsrc=)|\bstyle=|\bon\w+=|<style", PAGE)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", SCRIPTS)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", SCRIPTS + PAGE)
