"""`dsv fetch`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.options import reference
from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import count, number, size, table, visible


def fetch(
    refs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REF]...", help="Versions, such as leases@1.0.0; without, what is checked out."),
    ] = None,
    index: Annotated[bool, typer.Option("--index", help="Bring the record indexes alone.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Every known version.")] = False,
    files: Annotated[
        list[str] | None,
        typer.Option("--files", metavar="GLOB", help="Only files that it fits: 'test*', 'images/**'; repeat it."),
    ] = None,
    split: Annotated[
        list[str] | None, typer.Option("--split", metavar="S", help="Only files of this split; repeat it.")
    ] = None,
    remote: Annotated[
        str, typer.Option("--remote", metavar="R", help="The DVC remote to ask first; else the default one.")
    ] = "",
) -> None:
    """Bring data and record indexes from the DVC remote.

    They go into DVC's cache; the working tree stays as it is. Every object is held against its digests before the
    cache has it; what one remote has damaged, or lacks, is asked of the others. Record indexes are small, and all
    that diff of two versions and which need.

    Example: dsv fetch leases@1.0.0 --split test
    """
    from dsv.model.portion import Portion
    from dsv.operations.fetch import fetch
    from dsv.repository.transfer.chosen_versions import Extent
    from dsv.repository.transfer.fetching import Wanted

    result = fetch(
        current().open(),
        *(reference(each) for each in refs or ()),
        wanted=Wanted.INDEX if index else Wanted.DATA_AND_INDEX,
        portion=Portion.parse(globs=files or (), splits=split or ()),
        extent=Extent.ALL if every else Extent.CHECKED_OUT,
        remote=remote,
    )
    rows = [[each.reference, number(each.files), size(each.bytes)] for each in result.datasets]
    lines = table(["version", "files", "size"], rows, right=[1, 2]) if rows else []
    new = f"{count(result.objects, 'new object')} from {visible(result.remote or '')}, {size(result.bytes)}"
    show(result, [*lines, new if result.objects else "nothing new: all of it is here"])
