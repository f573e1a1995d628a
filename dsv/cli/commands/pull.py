"""`dsv pull`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.options import reference
from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import count, number, size, table, visible


def pull(
    refs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REF]...", help="Versions, such as leases@1.0.0; without, what git has checked out."),
    ] = None,
    remote: Annotated[
        str, typer.Option("--remote", metavar="R", help="The DVC remote to ask first; else the default one.")
    ] = "",
) -> None:
    """Bring data from the DVC remote into the working tree.

    Without a reference every dataset gets the data that its pointer names: what belongs to the commit that is checked
    out. git pull comes before it. Changes that no version holds are never overwritten. What one remote has damaged, or
    lacks, is asked of the others.

    Example: dsv pull
    """
    from dsv.operations.pull import pull

    result = pull(current().open(), *(reference(each) for each in refs or ()), remote=remote)
    rows = [[each.reference, visible(each.path), number(each.files), size(each.bytes)] for each in result.datasets]
    lines = table(["version", "path", "files", "size"], rows, right=[2, 3]) if rows else ["no version is checked out"]
    if result.objects:
        lines.append(f"{count(result.objects, 'new object')} from {visible(result.remote or '')}, {size(result.bytes)}")
    show(result, lines)
