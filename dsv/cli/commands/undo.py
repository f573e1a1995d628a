"""`dsv undo`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.options import reference
from dsv.cli.output import bold, show
from dsv.cli.session import current


def undo(ref: Annotated[str, typer.Argument(metavar="REF", help="The version that was released last.")]) -> None:
    """Take back the last release, if nobody else has it.

    Its commit and its tag go, the data stays in the working tree and is unreleased again. What a remote has is yanked.

    Example: dsv undo leases@1.1.0
    """
    from dsv.operations.undo import undo

    result = undo(current().open(), reference(ref))
    lines = [
        f"{bold(result.known.name)} is no more; its data is in the working tree",
        f"HEAD is {result.commit[:10]} again, and {result.undone[:10]} was the release",
    ]
    show(result, lines)
