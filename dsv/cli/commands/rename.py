"""`dsv rename`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.output import bold, show
from dsv.cli.session import current


def rename(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The dataset.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its new name.")],
    reason: Annotated[str, typer.Option("--reason", metavar="WHY", help="Why.")] = "",
) -> None:
    """Give a dataset another name; the old one finds it too.

    Its versions keep their manifests and tags, and the next one continues their numbers. The data stays where it lies.

    Example: dsv rename leases retail-leases
    """
    from dsv.operations.rename import rename

    result = rename(current().open(), old, new, reason=reason)
    lines = [
        f"{bold(result.old)} is called {bold(result.dataset)} now; {result.old} finds it too",
        f"event {result.recorded.event.file} in commit {result.recorded.commit[:10]}",
    ]
    show(result, lines)
