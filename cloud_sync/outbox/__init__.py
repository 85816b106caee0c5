"""The outbox: records on disk until every sink has them."""

from cloud_sync.outbox.outbox import Outbox
from cloud_sync.outbox.stats import OutboxStats, SinkStats

__all__ = ["Outbox", "OutboxStats", "SinkStats"]
