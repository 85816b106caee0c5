"""The words of reports, in English and Chinese."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """Languages of reports."""

    EN = "en"
    ZH = "zh"


@dataclass(frozen=True, slots=True)
class Words:
    """Everything a report says that is not data; texts with braces are filled in."""

    title: str
    summary: str
    misplaced: str
    missing: str
    wrong_status: str
    unexpected: str
    unknown_tags: str
    shelves: str
    nothing: str
    between: str
    after: str
    before: str
    alone: str
    at_x: str
    belongs: str
    columns: dict[str, str]
    statuses: dict[str, str]
    reasons: dict[str, str]
    approve: str


_EN = Words(
    title="Stock-take of {shelves} boards",
    summary="{seen} of {expected} books read. {misplaced} to move, {missing} missing, "
    "{wrong} of wrong status.",
    misplaced="To move, in walking order",
    missing="Missing",
    wrong_status="Here, though the catalogue says otherwise",
    unexpected="Not expected",
    unknown_tags="Unknown tags",
    shelves="Boards",
    nothing="Nothing.",
    between="between {left} and {right}",
    after="after {left}",
    before="before {right}",
    alone="alone",
    at_x="at {cm:.0f} cm",
    belongs="belongs on {shelf}, {where}",
    columns={
        "shelf": "Board",
        "call_number": "Call number",
        "title": "Title",
        "barcode": "Barcode",
        "problem": "Finding",
    },
    statuses={
        "on_loan": "on loan",
        "in_transit": "in transit",
        "on_hold": "on hold",
        "missing": "missing",
        "withdrawn": "withdrawn",
    },
    reasons={
        "other-owner": "belongs to another library",
        "not-in-list": "is in no list",
        "second-tag": "second tag of a book",
        "patron-card": "a reader's card, not read",
    },
    approve="Nothing was marked anywhere: what is missing is marked only when staff approve it.",
)

_ZH = Words(
    title="{shelves} 个层架的清点结果",
    summary="应有 {expected} 册，读到 {seen} 册。"
    "错架 {misplaced} 册，缺失 {missing} 册，状态不符 {wrong} 册。",
    misplaced="需归位（按行走顺序）",
    missing="缺失",
    wrong_status="在架但状态不符",
    unexpected="不应在此",
    unknown_tags="未知标签",
    shelves="层架",
    nothing="无。",
    between="在 {left} 与 {right} 之间",
    after="在 {left} 之后",
    before="在 {right} 之前",
    alone="单独放置",
    at_x="距左端 {cm:.0f} 厘米",
    belongs="应在 {shelf}，{where}",
    columns={
        "shelf": "层架",
        "call_number": "索书号",
        "title": "题名",
        "barcode": "条码",
        "problem": "情况",
    },
    statuses={
        "on_loan": "已借出",
        "in_transit": "在途",
        "on_hold": "预约待取",
        "missing": "已标缺失",
        "withdrawn": "已注销",
    },
    reasons={
        "other-owner": "属于其他图书馆",
        "not-in-list": "不在清单中",
        "second-tag": "同一册的第二个标签",
        "patron-card": "读者证，未读取",
    },
    approve="系统未作任何标记：缺失须经馆员确认后才会标记。",
)


def words(language: Language) -> Words:
    """The words of a language."""
    return _ZH if language is Language.ZH else _EN
