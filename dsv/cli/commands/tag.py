"""`dsv tag`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.options import reference
from dsv.cli.output import show
from dsv.cli.session import current


def tag(
    refs: Annotated[
        list[str], typer.Argument(metavar="[REF]...", help="Versions in HEAD's tree, such as leases@1.1.0.")
    ] = [],
    missing: Annotated[bool, typer.Option("--missing", help="Every version in HEAD's tree that has no tag.")] = False,
) -> None:
    """Tag versions that were committed without a tag.

    The tag names HEAD. Only versions whose manifest HEAD's tree holds can be tagged.

    Example: dsv tag --missing
    """
    from dsv.operations.tag import tag

    result = tag(current().open(), *(reference(each) for each in refs), missing=missing)
    show(result, [f"tagged {each}" for each in result.tags] or ["no tag was missing"])
