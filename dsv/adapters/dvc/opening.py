"""DVC's own repository object, opened for what only DVC can answer; never with settings that a clone brought along."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dsv.adapters.dvc.brought import refuse_brought_settings
from dsv.adapters.dvc.runtime import load, translated

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def opened(root: str, *, config: dict[str, Any] | None = None) -> Iterator[Any]:
    """The `dvc.repo.Repo` at the root, closed afterwards; its graph of stages is never built.

    OutsideError for settings that a clone must not bring along.
    """
    refuse_brought_settings(root)
    with translated(f"opening the DVC repository {root}"):
        load()
        from dvc.repo import Repo

        repo = Repo(root, config=config)
    try:
        with translated(f"DVC in {root}"):
            yield repo
    finally:
        repo.close()
