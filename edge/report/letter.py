"""Findings as an e-mail: text and HTML of one content, in English or Chinese."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from itertools import groupby

from edge.fusion.inventory import Stocktake
from edge.library.shelf_list import ShelfList
from edge.report.lines import Line, lines
from edge.report.words import Language, Words, words

_STYLE = "font-family:sans-serif;font-size:14px;color:#222"
_CELL = "border-bottom:1px solid #ddd;padding:4px 8px;text-align:left;vertical-align:top"


def letter(
    found: Stocktake,
    shelf_list: ShelfList,
    language: Language,
    sender: str,
    receivers: Sequence[str],
    written: datetime,
) -> EmailMessage:
    """The message, ready to be sent. `written` bears a time zone."""
    say = words(language)
    told = list(lines(found, shelf_list, say))
    message = EmailMessage()
    message["Subject"] = f"{say.title.format(shelves=len(found.shelves))}, {written:%Y-%m-%d %H:%M}"
    message["From"] = sender
    message["To"] = ", ".join(receivers)
    message["Date"] = format_datetime(written)
    message.set_content("\n".join(_text(found, told, say)) + "\n")
    message.add_alternative("".join(_html(found, told, say, language)), subtype="html")
    return message


def _summary(found: Stocktake, say: Words) -> str:
    return say.summary.format(
        seen=sum(one.seen for one in found.shelves),
        expected=sum(one.expected for one in found.shelves),
        misplaced=len(found.misplaced),
        missing=len(found.missing),
        wrong=len(found.wrong_status),
    )


def _text(found: Stocktake, told: Sequence[Line], say: Words) -> Iterator[str]:
    yield _summary(found, say)
    for kind, group in groupby(told, key=_kind):
        yield f"\n{getattr(say, kind)}"
        for line in group:
            book = " ".join(_plain(part) for part in (line.call_number, line.title) if part)
            yield f"- {line.shelf}: {book} [{_plain(line.barcode)}]: {_plain(line.problem)}"
    if not told:
        yield say.nothing
    yield f"\n{say.approve}"


def _html(found: Stocktake, told: Sequence[Line], say: Words, language: Language) -> Iterator[str]:
    yield f'<!doctype html><html lang="{language}"><meta charset="utf-8"><body style="{_STYLE}">'
    yield f"<p>{escape(_summary(found, say))}</p>"
    for kind, group in groupby(told, key=_kind):
        yield f"<h3>{escape(getattr(say, kind))}</h3>"
        yield _html_table(
            [say.columns[name] for name in ("shelf", "call_number", "title", "barcode", "problem")],
            ((one.shelf, one.call_number, one.title, one.barcode, one.problem) for one in group),
        )
    if not told:
        yield f"<p>{escape(say.nothing)}</p>"
    yield f"<p>{escape(say.approve)}</p></body></html>\n"


def _html_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = "".join(f'<th style="{_CELL}">{escape(name)}</th>' for name in head)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in row) + "</tr>" for row in rows
    )
    return f'<table style="border-collapse:collapse"><tr>{cells}</tr>{body}</table>'


def _kind(line: Line) -> str:
    return line.kind


def _plain(text: str) -> str:
    """One line without control characters."""
    return "".join(character if character.isprintable() else " " for character in text)
