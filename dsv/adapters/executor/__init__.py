"""Who reads files: this process, others beside it, or, in `dask`, those of a cluster."""

from __future__ import annotations

from dsv.adapters.executor.local import Here, beside, processes
from dsv.adapters.executor.threads import threads

__all__ = ["Here", "beside", "processes", "threads"]
