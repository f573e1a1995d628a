"""`dsv site build`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.output import bold, show
from dsv.cli.session import current
from dsv.cli.text import count, visible


def build(
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="DIR", help="The directory, made if absent.")
    ] = "site",
    title: Annotated[
        str, typer.Option("--title", metavar="T", help="The title; else the repository's name.", show_default=False)
    ] = "",
    no_content: Annotated[bool, typer.Option("--no-content", help="Without records of the data.")] = False,
) -> None:
    """A catalogue of all datasets, to open in a browser.

    A page for each dataset, each version and what changed with it, with search and lineage to walk along. It needs no
    server and loads nothing from elsewhere: open index.html in it. Built again, only what changed is written.

    Example: dsv site build -o public
    """
    from dsv.operations.site import site_build

    result = site_build(current().open_to_read(), output, content=not no_content, title=title)
    lines = [
        bold(visible(result.path)) + f": {count(result.pages, 'page')} of {count(result.datasets, 'dataset')} and "
        f"{count(result.versions, 'version')}, {result.written:,} written"
        + (f", {result.removed:,} removed" if result.removed else "")
    ]
    show(result, lines)
