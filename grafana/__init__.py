"""Grafana boards and alerts as code."""
