"""`dsv cache`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.output import bold, show
from dsv.cli.text import count, size, table, visible

if TYPE_CHECKING:
    from dsv.operations.cache import Cached


def cache(
    prune: Annotated[
        str,
        typer.Option(
            "--prune", metavar="SIZE", help="Take away what was used longest ago until no more is left: 20GB, 0."
        ),
    ] = "",
) -> None:
    """What your cache holds of versions from other places.

    It is where dsv.load, get and sync keep what they brought from a URL: DSV_CACHE, else dsv in XDG_CACHE_HOME, else
    ~/.cache/dsv. Beyond DSV_CACHE_LIMIT (100GB) it is pruned by itself. What a process is using is never taken away.

    Example: dsv cache --prune 20GB
    """
    from dsv.model.byte_size import parse_size
    from dsv.operations import cache as operation

    result = operation.prune(parse_size(prune)) if prune else operation.cache()
    show(result, _lines(result))


def _lines(result: Cached) -> Iterator[str]:
    for each in result.removed:
        yield f"removed {each.kept.name} of {visible(each.kept.address)}, last used {each.used_at}"
    if result.contents.versions:
        rows = [
            [
                each.kept.name,
                count(each.files, "file"),
                size(each.bytes),
                "in use" if each.in_use else each.used_at[:10],
                visible(each.kept.address),
            ]
            for each in reversed(result.contents.versions)
        ]
        yield from table(["version", "files", "size", "used", "from"], rows, right=[1, 2])
    freed = f", {size(result.freed)} freed" if result.removed or result.freed else ""
    yield bold(f"{visible(result.contents.directory)}: {size(result.contents.bytes)} of {size(result.limit)}{freed}")
