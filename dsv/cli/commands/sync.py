"""`dsv sync`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import count, number, size, table


def sync(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="What to bring; else all.")] = None,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="Fail where dsv.lock would have to change: for CI and training.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that were changed here by what is locked.")
    ] = False,
) -> None:
    """Bring the data that dsv.lock says.

    The files of each pin lie in its path then, every one held against its SHA-256. Files of your own there stay, and
    one that you changed is not replaced without --force. A tag that was moved, or a manifest that was changed, is an
    error. What is there already is not fetched.

    Example: dsv sync --frozen
    """
    from dsv.operations.sync import sync

    session = current()
    result = sync(session.consumer(), *names or (), frozen=frozen, force=force, executor=session.chosen_executor)
    rows = [[each.reference, each.path, number(each.files), size(each.bytes)] for each in result.datasets]
    lines = table(["version", "path", "files", "size"], rows, right=[2, 3]) if rows else []
    if result.locked:
        lines.append(f"dsv.lock has now a version of {', '.join(result.locked)}: commit it")
    if result.nothing:
        lines.append("nothing to do: all of it is here")
    else:
        gone = f", {number(result.deleted)} removed" if result.deleted else ""
        lines.append(f"{count(result.written, 'file')} written{gone}; {size(result.bytes)} fetched")
    show(result, lines)
