"""`dsv move`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.output import bold, show
from dsv.cli.session import current
from dsv.cli.text import visible


def move(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The dataset.")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="Where its data shall lie.")],
    reason: Annotated[str, typer.Option("--reason", metavar="WHY", help="Why.")] = "",
) -> None:
    """Move the data of a dataset to another path.

    Pointer, .gitignore, dvc.yaml and dataset.yaml follow, in one commit. Versions stay what they are.

    Example: dsv move leases data/contracts/leases
    """
    from dsv.operations.move import move

    result = move(current().open(), name, path, reason=reason)
    event = result.recorded.event
    lines = [
        f"{bold(event.dataset)} lies in {visible(result.path)} now, and no more in {visible(result.old)}",
        f"event {event.file} in commit {result.recorded.commit[:10]}",
    ]
    show(result, lines)
