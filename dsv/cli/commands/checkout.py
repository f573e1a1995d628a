"""`dsv checkout`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.options import reference
from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import count, size, visible


def checkout(
    ref: Annotated[str, typer.Argument(metavar="REF", help="The version, for instance leases@1.0.0.")],
    to: Annotated[
        str, typer.Option("--to", metavar="DIR", help="Put the data there; leave the working tree alone.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite changes that no version holds.")] = False,
) -> None:
    """Bring back the data of a version, or put it into a directory.

    Local changes that no version holds are never overwritten without --force.

    Example: dsv checkout leases@1.0.0
    """
    from dsv.operations.checkout import checkout

    result = checkout(current().open(), reference(ref), to=to or None, force=force)
    lines = [
        f"{each.reference} in {visible(each.path)}: {count(each.files, 'file')}, {size(each.bytes)}"
        for each in result.datasets
    ]
    show(result, lines)
