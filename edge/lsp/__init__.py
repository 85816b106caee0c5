"""The library system, both ways: what it tells us over MQTT, what we ask and tell it through its adapters."""
