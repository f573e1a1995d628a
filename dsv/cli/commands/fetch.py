"""`dsv fetch`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.options import reference
from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import count, number, size, table


def fetch(
    refs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REF]...", help="Versions, such as leases@1.0.0; the latest of every dataset without."),
    ] = None,
    index: Annotated[bool, typer.Option("--index", help="Bring the record indexes alone.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Every known version.")] = False,
) -> None:
    """Bring data and record indexes from the DVC remote.

    They go into DVC's cache and are held against their digests; the working tree stays as it is. Record
    indexes are small, and all that diff of two versions and which need.

    Example: dsv fetch --index --all
    """
    from dsv.operations.fetch import fetch
    from dsv.repository.chosen_versions import Extent
    from dsv.repository.fetching import Wanted

    result = fetch(
        current().open(),
        *(reference(each) for each in refs or ()),
        wanted=Wanted.INDEX if index else Wanted.DATA_AND_INDEX,
        extent=Extent.ALL if every else Extent.LATEST,
    )
    rows = [[each.reference, number(each.files), size(each.bytes)] for each in result.datasets]
    lines = table(["version", "files", "size"], rows, right=[1, 2]) if rows else []
    new = f"{count(result.objects, 'new object')} from {result.remote}, {size(result.bytes)}"
    show(result, [*lines, new if result.objects else f"nothing new from {result.remote}"])
