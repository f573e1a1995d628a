"""Pipelines for CI services, an action and hooks, run as these services run them."""
