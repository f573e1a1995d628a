"""`dsv search`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.commands.list import All, Format, Kind, Limit, Offset, Owner, Stage, Status, Tag
from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import table


def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Any part of a name, description, summary or tag.")],
    kind: Kind = "",
    status: Status = "",
    form: Format = "",
    tag: Tag = "",
    owner: Owner = "",
    stage: Stage = "",
    everything: All = False,
    limit: Limit = None,
    offset: Offset = 0,
) -> None:
    """Find versions by what was written about them.

    Names come before tags, and tags before text.

    Example: dsv search retail
    """
    from dsv.operations.search import Filter, Shown, search

    filters = Filter(
        type=kind or None,
        status=status or None,
        format=form or None,
        tag=tag or None,
        owner=owner or None,
        stage=stage or None,
        shown=Shown.ALL if everything else Shown.LISTED,
    )
    result = search(current().open(), query, filters=filters, limit=limit, offset=offset)
    rows = [[f"{each.dataset}@{each.version}", each.snippet] for each in result.results]
    lines = table(["version", "found"], rows)
    if len(rows) < result.total:
        lines.append(f"{len(rows)} of {result.total}")
    show(result, lines if rows else ["nothing found"])
