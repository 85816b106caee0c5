"""What to do about each alert: the same text in the alert itself and on the board of alerts."""

from grafana.alerts import ALERTS
from grafana.texts import Texts


def runbooks(texts: Texts) -> str:
    """All of them as Markdown."""
    return "\n\n".join(f"### {texts(f'alerts.rule.{a.key}.title')}\n{runbook(a.key, texts)}" for a in ALERTS)


def runbook(key: str, texts: Texts) -> str:
    """One alert's."""
    return texts(f"alerts.rule.{key}.runbook")
