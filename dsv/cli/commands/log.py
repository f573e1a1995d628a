"""`dsv log`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import number, table


def log(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One dataset; all without it.")] = None,
    limit: Annotated[int | None, typer.Option("-n", metavar="N", min=1, help="At most N versions.")] = None,
) -> None:
    """The versions, newest first.

    Example: dsv log leases -n 5
    """
    from dsv.operations.log import log

    result = log(current().open(), name, limit=limit)
    rows = [
        [f"{each.dataset} {each.version}", each.created_at[:10], each.level, number(each.records), each.summary]
        for each in result.versions
    ]
    lines = table(["version", "date", "level", "records", "summary"], rows, right=[3])
    show(result, lines if rows else ["no versions yet"])
