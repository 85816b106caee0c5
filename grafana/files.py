"""The files that are generated and committed: boards and alerts in each language of people and queries."""

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any

from grafana import texts
from grafana.query import LANGUAGES as QUERY_LANGUAGES
from grafana.query import Language as QueryLanguage
from grafana.texts import Texts


def files() -> Iterator[tuple[str, str]]:
    """Path under `grafana/`, and text. Needs the SDK."""
    from grafana import provision
    from grafana.build import Edition, dashboards

    for queries in QUERY_LANGUAGES:
        for language in texts.LANGUAGES:
            edition = Edition(Texts(language), queries)
            for made in dashboards(edition):
                yield f"out/{queries}/{language}/{made['uid']}.json", as_text(made)
            rules = provision.rule_group(Texts(language), queries)
            yield f"out/{queries}/{language}/alerts.json", as_text(rules)
            yield f"provisioning/alerting-{queries}-{language}.yaml", provision.rules_file(rules)
    yield from provision.files()


def as_text(document: object) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def packaged(queries: QueryLanguage, language: texts.Language) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The boards and the alert group as they are in the package: no SDK needed."""
    folder = resources.files("grafana") / "out" / queries / language
    found = {
        e.name: json.loads(e.read_text(encoding="utf-8"))
        for e in folder.iterdir()
        if e.name.endswith(".json")
    }
    rules = found.pop("alerts.json")
    return [found[name] for name in sorted(found)], rules
