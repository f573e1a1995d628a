"""`dsv get`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.options import reference
from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import count, size, visible


def get(
    repository: Annotated[
        str, typer.Argument(metavar="REPO_OR_URL", help="A directory inside a repository, or its address.")
    ],
    ref: Annotated[str, typer.Argument(metavar="REF", help="The version, for instance leases@1.x.")],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="DIR", help="Put its files directly there; else into ./NAME.")
    ] = "",
    split: Annotated[
        list[str] | None, typer.Option("--split", metavar="S", help="Only files of this split; repeat it.")
    ] = None,
    files: Annotated[
        list[str] | None,
        typer.Option("--files", metavar="GLOB", help="Only files that it fits: 'test*', 'images/**'; repeat it."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that are in the way; others stay where they are.")
    ] = False,
) -> None:
    """Bring the files of a version from any repository.

    No clone is needed, and nothing of the repository's code comes: the version is looked up in its metadata, its data
    comes from where it was pushed to, and every file is held against the version's SHA-256. What was brought once is
    taken from the cache. dsv pin is for data that a project uses again and again.

    Example: dsv get https://git.example/leases.git leases@1.x -o data/leases
    """
    from dsv.model.portion import Portion
    from dsv.operations.get import get

    session = current()
    result = get(
        repository,
        reference(ref),
        to=output,
        portion=Portion.parse(globs=files or (), splits=split or ()),
        force=force,
        tell=session.tell,
        progress=session.progress(),
        executor=session.chosen_executor,
        lock_timeout=session.lock_timeout,
    )
    [here] = result.datasets
    came = f"{size(result.bytes)} fetched" if result.objects else "nothing had to be fetched"
    show(
        result,
        [f"{here.reference} is in {visible(here.path)}: {count(here.files, 'file')}, {size(here.bytes)}; {came}"],
    )
