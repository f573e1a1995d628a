"""Releases for datasets: semantic versions computed from the records that changed, on git and DVC."""

from __future__ import annotations

__version__ = "0.1.0"
