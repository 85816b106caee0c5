"""A Grafana stricter than the real one: every request's keys and types are those that its API documents.

It keeps what it is told, and has the habits that hurt: an update without `folderUid` moves the board to the
root, a stale `version` is 412, secrets are never given back and are forgotten when they are not sent again.
"""

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

TOKEN = "glsa_a-token-for-tests"
_UID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_DURATION = re.compile(r"\d+[smhd]")
_DASHBOARD_KEYS = {"dashboard", "folderUid", "message", "overwrite"}
_RULE = {
    "uid": str,
    "title": str,
    "ruleGroup": str,
    "folderUID": str,
    "orgID": int,
    "condition": str,
    "data": list,
    "for": str,
    "execErrState": str,
    "noDataState": str,
    "labels": dict,
    "annotations": dict,
    "isPaused": bool,
}
_DATA_KEYS = {"refId", "datasourceUid", "queryType", "relativeTimeRange", "model"}
Handler = Callable[[web.Request], Any]


class FakeGrafana:
    """Runs in a thread of its own; `misbehave` answers instead of it while it returns something."""

    def __init__(self) -> None:
        self.folders: dict[str, dict[str, Any]] = {}
        self.datasources: dict[str, dict[str, Any]] = {}
        self.dashboards: dict[str, dict[str, Any]] = {}
        self.folder_of: dict[str, str] = {}
        self.rules: dict[str, dict[str, Any]] = {}
        self.group: dict[str, Any] | None = None
        self.requests: list[str] = []
        self.misbehave: Callable[[web.Request], web.Response | None] = lambda request: None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def writes(self) -> list[str]:
        return [request for request in self.requests if not request.startswith("GET")]

    @contextmanager
    def running(self) -> Iterator["FakeGrafana"]:
        ready, loop = threading.Event(), asyncio.new_event_loop()
        thread = threading.Thread(target=self._run, args=(loop, ready), daemon=True)
        thread.start()
        ready.wait(10)
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)

    def edit_in_browser(self, uid: str) -> None:
        """A person renames the first panel."""
        stored = json.loads(json.dumps(self.dashboards[uid]))
        stored["panels"][1]["title"] = "renamed by a person"
        stored["version"] += 1
        self.dashboards[uid] = stored

    def _run(self, loop: asyncio.AbstractEventLoop, ready: threading.Event) -> None:
        asyncio.set_event_loop(loop)
        app = web.Application(middlewares=[self._guard])
        app.add_routes(self._routes())
        runner = web.AppRunner(app)
        loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        loop.run_until_complete(site.start())
        self.port = runner.addresses[0][1]
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    def _routes(self) -> list[web.RouteDef]:
        rules = "/api/v1/provisioning"
        return [
            web.get("/api/health", self._health),
            web.get("/api/folders", self._folder_list),
            web.get("/api/folders/{uid}", self._one("folders")),
            web.post("/api/folders", self._new_folder),
            web.get("/api/datasources/uid/{uid}", self._get_datasource),
            web.post("/api/datasources", self._put_datasource),
            web.put("/api/datasources/uid/{uid}", self._put_datasource),
            web.get("/api/dashboards/uid/{uid}", self._get_dashboard),
            web.post("/api/dashboards/db", self._put_dashboard),
            web.get(f"{rules}/folder/{{folder}}/rule-groups/{{group}}", self._get_group),
            web.put(f"{rules}/folder/{{folder}}/rule-groups/{{group}}", self._put_group),
            web.get(f"{rules}/alert-rules/{{uid}}", self._one("rules")),
            web.post(f"{rules}/alert-rules", self._put_rule),
            web.put(f"{rules}/alert-rules/{{uid}}", self._put_rule),
        ]

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> Any:
        self.requests.append(f"{request.method} {request.path}")
        bad = self.misbehave(request)
        if bad is not None:
            return bad
        if request.path != "/api/health" and request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _say(401, "Invalid API key")
        return await handler(request)

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"database": "ok", "version": "13.0.0", "commit": "abc"})

    async def _folder_list(self, request: web.Request) -> web.Response:
        return web.json_response(list(self.folders.values()))

    def _one(self, table: str) -> Handler:
        async def get(request: web.Request) -> web.Response:
            found = getattr(self, table).get(request.match_info["uid"])
            return web.json_response(found) if found else _say(404, "not found")

        return get

    async def _new_folder(self, request: web.Request) -> web.Response:
        body = await request.json()
        if set(body) != {"uid", "title"} or not body["title"]:
            return _say(400, f"bad folder {sorted(body)}")
        self.folders[body["uid"]] = body
        return web.json_response(body)

    async def _get_datasource(self, request: web.Request) -> web.Response:
        stored = self.datasources.get(request.match_info["uid"])
        if stored is None:
            return _say(404, "data source not found")
        said = {key: value for key, value in stored.items() if key != "secureJsonData"}
        fields = dict.fromkeys(stored.get("secureJsonData", {}), True)
        return web.json_response({**said, "secureJsonFields": fields, "id": 1, "readOnly": False})

    async def _put_datasource(self, request: web.Request) -> web.Response:
        body = await request.json()
        if not {"uid", "name", "type", "access", "url", "jsonData"} <= set(body):
            return _say(400, f"bad data source {sorted(body)}")
        self.datasources[body["uid"]] = body
        return web.json_response({"message": "Datasource updated"})

    async def _get_dashboard(self, request: web.Request) -> web.Response:
        uid = request.match_info["uid"]
        if uid not in self.dashboards:
            return _say(404, "Dashboard not found")
        meta = {"folderUid": self.folder_of[uid], "version": self.dashboards[uid]["version"]}
        return web.json_response({"dashboard": self.dashboards[uid], "meta": meta})

    async def _put_dashboard(self, request: web.Request) -> web.Response:
        body = await request.json()
        board = body.get("dashboard", {})
        if not set(body) <= _DASHBOARD_KEYS:
            return _say(400, f"unknown keys {sorted(set(body) - _DASHBOARD_KEYS)}")
        if not board.get("title") or not _UID.fullmatch(board.get("uid", "")):
            return _say(400, "Dashboard title and uid are needed")
        if body.get("folderUid") and body["folderUid"] not in self.folders:
            return _say(400, "folder not found")
        stored = self.dashboards.get(board["uid"])
        if stored is not None and not body.get("overwrite") and board.get("version") != stored["version"]:
            return web.json_response({"status": "version-mismatch", "message": "changed"}, status=412)
        version = stored["version"] + 1 if stored else 1
        self.dashboards[board["uid"]] = {**board, "id": 7, "version": version}
        self.folder_of[board["uid"]] = body.get("folderUid", "")
        return web.json_response({"uid": board["uid"], "status": "success", "version": version})

    async def _get_group(self, request: web.Request) -> web.Response:
        if self.group is None and not self.rules:
            return _say(404, "rule group not found")
        group = self.group or {"title": request.match_info["group"], "interval": 60}
        return web.json_response({**group, "rules": list(self.rules.values())})

    async def _put_group(self, request: web.Request) -> web.Response:
        body = await request.json()
        if set(body) != {"title", "folderUid", "interval", "rules"} or not isinstance(body["interval"], int):
            return _say(400, f"bad group {sorted(body)}")
        faults = [fault for rule in body["rules"] for fault in self._rule_faults(rule)]
        if faults:
            return _say(400, faults[0])
        self.group = body
        self.rules = {rule["uid"]: rule for rule in body["rules"]}
        return web.json_response(body)

    async def _put_rule(self, request: web.Request) -> web.Response:
        body = await request.json()
        faults = self._rule_faults(body)
        if faults:
            return _say(400, faults[0])
        if request.method == "PUT" and body["uid"] not in self.rules:
            return _say(404, "rule not found")
        self.rules[body["uid"]] = body
        return web.json_response(body)

    def _rule_faults(self, rule: dict[str, Any]) -> list[str]:
        faults = [f"key {key}" for key in set(rule) ^ set(_RULE)]
        faults += [f"type of {key}" for key, kind in _RULE.items() if not isinstance(rule.get(key), kind)]
        if faults:
            return faults
        faults += [] if _DURATION.fullmatch(rule["for"]) else ["for"]
        faults += [] if _UID.fullmatch(rule["uid"]) else ["uid"]
        faults += [] if rule["folderUID"] in self.folders else ["folderUID"]
        faults += [] if rule["noDataState"] in ("OK", "Alerting", "NoData", "KeepLast") else ["noDataState"]
        faults += [] if rule["execErrState"] in ("OK", "Alerting", "Error", "KeepLast") else ["execErrState"]
        faults += [f"data {sorted(node)}" for node in rule["data"] if set(node) != _DATA_KEYS]
        known = {node["refId"] for node in rule["data"]}
        faults += [] if rule["condition"] in known else ["condition"]
        return faults + [f"label {v!r}" for v in rule["labels"].values() if not isinstance(v, str)]


def _say(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)
