"""`dsv log`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import event_lines, number, table

if TYPE_CHECKING:
    from dsv.operations.log import Log


def log(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One dataset; all without it.")] = None,
    limit: Annotated[int | None, typer.Option("-n", metavar="N", min=1, help="At most N versions.")] = None,
    events: Annotated[bool, typer.Option("--events", help="Also what happened to them after their release.")] = False,
) -> None:
    """The versions, newest first.

    Example: dsv log leases -n 5
    """
    from dsv.operations.log import log

    result = log(current().open(), name, limit=limit, events=events)
    show(result, _lines(result))


def _lines(result: Log) -> Iterator[str]:
    rows = [
        [
            f"{each.dataset} {each.version}",
            each.created_at[:10],
            each.level,
            number(each.records),
            "" if each.status == "active" else each.status,
            ", ".join(each.stages),
            each.summary,
        ]
        for each in result.versions
    ]
    headers = ["version", "date", "level", "records", "status", "stage", "summary"]
    yield from table(headers, rows, right=[3]) if rows else ["no versions yet"]
    if result.events is not None:
        yield ""
        yield from event_lines(result.events) if result.events else ["no events"]
