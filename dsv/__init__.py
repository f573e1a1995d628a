"""Releases for datasets: semantic versions computed from the records that changed, on git and DVC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsv.api import LoadedVersion, Repo, cache, init, load, open  # noqa: A004 - dsv.open is the way in
    from dsv.api.consuming import Pins, get, pins
    from dsv.api.running import run, verify_stamp
    from dsv.errors import DsvError

__version__ = "0.1.0"

__all__ = [
    "DsvError",
    "LoadedVersion",
    "Pins",
    "Repo",
    "__version__",
    "cache",
    "get",
    "init",
    "load",
    "open",
    "pins",
    "run",
    "verify_stamp",
]


def __getattr__(name: str) -> Any:
    """The public names, loaded when they are first used: `import dsv` alone costs nothing."""
    if name in {"LoadedVersion", "Repo", "cache", "init", "load", "open"}:
        from dsv import api

        return getattr(api, name)
    if name in {"Pins", "get", "pins"}:
        from dsv.api import consuming

        return getattr(consuming, name)
    if name in {"run", "verify_stamp"}:
        from dsv.api import running

        return getattr(running, name)
    if name == "DsvError":
        from dsv.errors import DsvError

        return DsvError
    raise AttributeError(f"module 'dsv' has no attribute {name!r}")
