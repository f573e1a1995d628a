"""`dsv merge`, and what git runs to merge a data pointer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.options import reference
from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import visible
from dsv.errors import UsageError

if TYPE_CHECKING:
    from dsv.operations.merge import Merges


def merge(
    names: Annotated[
        list[str], typer.Argument(metavar="[NAME[@VERSION]]...", help="Datasets; all of them without one.")
    ] = [],
    ours: Annotated[bool, typer.Option("--ours", help="Take ours where both sides changed a record.")] = False,
    theirs: Annotated[bool, typer.Option("--theirs", help="Take theirs there.")] = False,
) -> None:
    """Merge the data of both sides after a git merge.

    Brings merged data into the working tree, and settles a data pointer that git left in conflict: records are
    merged by the dataset's key. Run it between git merge and dsv bump. Without conflicts it needs no option.

    With a version, what that one changed is brought into the data of the working tree.

    Example: dsv merge leases --theirs
    """
    from dsv.operations.merge import merge, merge_versions
    from dsv.records.three_way import Party

    if ours and theirs:
        raise UsageError("--ours and --theirs exclude each other", hint="give the one whose records are taken")
    favour = Party.OURS if ours else Party.THEIRS if theirs else None
    versions = [name for name in names if "@" in name]
    if versions and len(versions) < len(names):
        raise UsageError("datasets and versions are merged one after the other", hint=f"dsv merge {versions[0]}")
    if versions:
        result = merge_versions(current().open(), *map(reference, versions), favour=favour)
    else:
        result = merge(current().open(), *names, favour=favour)
    show(result, _lines(result))


def merge_driver(
    base: Annotated[str, typer.Argument(metavar="BASE")],
    ours: Annotated[str, typer.Argument(metavar="OURS")],
    theirs: Annotated[str, typer.Argument(metavar="THEIRS")],
    marker_size: Annotated[int, typer.Argument(metavar="SIZE")],
    path: Annotated[str, typer.Argument(metavar="PATH")],
) -> int:
    """Merge a data pointer for git, which calls this itself.

    dsv init --merge-driver sets it up.

    Example: dsv merge-driver %O %A %B %L %P
    """
    from dsv.operations.merge import PointerFiles, drive

    merged = drive(PointerFiles(base, ours, theirs, path, marker_size), tell=current().tell)
    return 0 if merged else 1


def _lines(result: Merges) -> Iterator[str]:
    for each in result.datasets:
        brought = f": {each.unit} from theirs: {each.counts.text}" if each.counts is not None else ""
        yield f"{each.dataset}  merged{brought}"
        place = visible(each.path)
        yield f"  {place} holds the merged data" if each.placed else f"  {place} is not here: dsv pull fetches it"
    if not result.datasets:
        yield "nothing to merge"
