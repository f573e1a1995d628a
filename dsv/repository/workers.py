"""Who reads the files of a dataset: this process, where there is little to read, else as many as are asked for."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from dsv.adapters.executor import Here, processes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsv.records.collect import Workers
    from dsv.records.jobs import Target

_WORTH_BYTES = 64 << 20
_WORTH_FILES = 2_000


def workers_for(targets: Sequence[Target]) -> AbstractContextManager[Workers]:
    """Whoever reads these files."""
    if len(targets) < _WORTH_FILES and sum(target.size for target in targets) < _WORTH_BYTES:
        return nullcontext(Here())
    return processes()
