"""Who reads files: this process, or others beside it."""

from __future__ import annotations

from dsv.adapters.executor.local import Here, processes, usable_processors

__all__ = ["Here", "processes", "usable_processors"]
