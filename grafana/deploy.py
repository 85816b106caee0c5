"""Brings boards and alerts to a Grafana: what would change, then the change. A second push changes nothing.

A board that a person has changed in the browser is not overwritten unless told: each push leaves a mark in
the board, with a checksum of what was pushed; where what is stored no longer has that sum, or has no mark,
somebody else has been at it.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from grafana.client import GrafanaClient, GrafanaError, Json
from grafana.provision import FOLDER_UID, GROUP

What = Literal["create", "update", "same", "refused"]
_MARK: Final = "libraryEdge"
_THEIRS: Final = frozenset({"id", "version", "iteration", "gnetId", "revision", "schemaVersion", _MARK})
"""What Grafana sets itself, or moves on by itself."""
_RULE_KEYS: Final = (
    "title",
    "condition",
    "data",
    "for",
    "noDataState",
    "execErrState",
    "labels",
    "annotations",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs, or not. `body` is what a push sends."""

    kind: Literal["folder", "datasource", "dashboard", "alerts", "annotation"]
    name: str
    what: What
    details: tuple[str, ...] = ()
    body: Any = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be there."""

    folder_title: str
    boards: Sequence[Json]
    rules: Json
    datasource: Json | None = None


async def plan(client: GrafanaClient, wanted: Wanted, *, force: bool = False) -> AsyncIterator[Change]:
    """What a push would do, in its order. Nothing is written."""
    folder = await client.folder(FOLDER_UID)
    yield Change("folder", FOLDER_UID, "same" if folder else "create", body=wanted.folder_title)
    if wanted.datasource is not None:
        yield await _datasource(client, wanted.datasource)
    for board in wanted.boards:
        yield await _dashboard(client, board, force)
    yield await _rules(client, wanted.rules)


async def push(client: GrafanaClient, wanted: Wanted, *, force: bool = False) -> list[Change]:
    """Do it. Raises GrafanaError before anything is written where something is refused."""
    changes = [change async for change in plan(client, wanted, force=force)]
    refused = [change for change in changes if change.what == "refused"]
    if refused:
        names = ", ".join(change.name for change in refused)
        raise GrafanaError(f"changed in the browser: {names}; look with `diff`, overwrite with --force")
    for change in changes:
        await _apply(client, change, force)
    return changes


async def pull(client: GrafanaClient, uids: Sequence[str]) -> dict[str, Json]:
    """The boards as they are stored, without what Grafana sets."""
    found = {uid: await client.dashboard(uid) for uid in uids}
    return {uid: _plain(stored["dashboard"]) for uid, stored in found.items() if stored}


def checksum(board: Mapping[str, Any]) -> str:
    """Of what is ours in a board."""
    text = json.dumps(_as_stored(_plain(board)), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def differences(ours: Any, theirs: Any, path: str = "") -> list[str]:
    """Paths at which two documents differ, a line each."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        keys = [*ours, *(key for key in theirs if key not in ours)]
        return [d for key in keys for d in differences(ours.get(key), theirs.get(key), f"{path}.{key}")]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [
            d
            for n, (a, b) in enumerate(zip(ours, theirs, strict=True))
            for d in differences(a, b, f"{path}[{n}]")
        ]
    if ours == theirs:
        return []
    return [f"{path.lstrip('.')}: {_short(theirs)} → {_short(ours)}"]


async def _apply(client: GrafanaClient, change: Change, force: bool) -> None:
    if change.what == "same" and change.kind != "datasource":
        return
    match change.kind:
        case "folder":
            await client.create_folder(FOLDER_UID, change.body)
        case "datasource":
            await client.put_datasource(change.body, exists=change.what != "create")
        case "dashboard":
            await _put_dashboard(client, change.body, force)
        case "alerts":
            await _put_rules(client, change.body)


async def _datasource(client: GrafanaClient, wanted: Json) -> Change:
    stored = await client.datasource(wanted["uid"])
    if stored is None:
        return Change("datasource", wanted["uid"], "create", body=wanted)
    public = {key: value for key, value in wanted.items() if key != "secureJsonData"}
    details = tuple(differences(public, {key: stored.get(key) for key in public}))
    return Change("datasource", wanted["uid"], "update" if details else "same", details, wanted)


async def _dashboard(client: GrafanaClient, board: Json, force: bool) -> Change:
    uid = board["uid"]
    stored = await client.dashboard(uid)
    if stored is None:
        return Change("dashboard", uid, "create", body=(board, None))
    meta, theirs = stored.get("meta", {}), stored["dashboard"]
    details = list(differences(_plain(board), _plain(theirs)))
    if meta.get("folderUid") != FOLDER_UID:
        details.append(f"folder: {meta.get('folderUid') or 'root'} → {FOLDER_UID}")
    if not details:
        return Change("dashboard", uid, "same")
    what: What = "update" if force or _ours(theirs, meta) else "refused"
    return Change("dashboard", uid, what, tuple(details), (board, theirs.get("version")))


def _ours(stored: Json, meta: Json) -> bool:
    """Whether what is stored is what the last push left. A form that we do not know is never ours."""
    if "elements" in stored or str(meta.get("apiVersion", "v1")).startswith("v2"):
        return False
    mark = stored.get(_MARK)
    return isinstance(mark, dict) and mark.get("checksum") == checksum(stored)


async def _put_dashboard(client: GrafanaClient, body: tuple[Json, int | None], force: bool) -> None:
    board, version = body
    marked: Json = {**board, "id": None, _MARK: {"checksum": checksum(board)}}
    if version is not None:
        # Grafana answers 412 where somebody has saved since we looked.
        marked["version"] = version
    said = {"dashboard": marked, "folderUid": FOLDER_UID, "message": "edge grafana push", "overwrite": force}
    try:
        await client.put_dashboard(said)
    except GrafanaError as error:
        if error.status == 412:
            raise GrafanaError(f"{board['uid']}: somebody saved it meanwhile; push again", 412) from None
        raise


async def _rules(client: GrafanaClient, wanted: Json) -> Change:
    stored = await client.rule_group(FOLDER_UID, GROUP)
    if stored is None:
        return Change("alerts", GROUP, "create", body=wanted)
    theirs = {rule["uid"]: rule for rule in stored.get("rules", [])}
    details: list[str] = []
    for rule in wanted["rules"]:
        other = theirs.pop(rule["uid"], {})
        ours = {key: rule[key] for key in _RULE_KEYS}
        details += differences(ours, {key: other.get(key) for key in _RULE_KEYS}, rule["uid"])
    details += [f"{uid}: is not ours any more" for uid in theirs]
    return Change("alerts", GROUP, "update" if details else "same", tuple(details), wanted)


async def _put_rules(client: GrafanaClient, group: Json) -> None:
    """The whole group; where a server fails on that (some do, with uids of one's own), rule by rule."""
    try:
        await client.put_rule_group(FOLDER_UID, GROUP, group)
    except GrafanaError as error:
        if error.status < 500:
            raise
        for rule in group["rules"]:
            await client.put_rule(rule, exists=await client.rule(rule["uid"]) is not None)


def _plain(board: Mapping[str, Any]) -> Json:
    return {key: value for key, value in board.items() if key not in _THEIRS}


def _as_stored(value: Any) -> Any:
    """With 1 for 1.0: Grafana stores numbers as it likes, and the sum must not tell the difference."""
    match value:
        case dict():
            return {key: _as_stored(inner) for key, inner in value.items()}
        case list():
            return [_as_stored(inner) for inner in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
