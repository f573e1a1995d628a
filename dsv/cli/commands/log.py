"""`dsv log`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.filters import Descending, Offset, filtered, meant, rest_line
from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import event_lines, number, table
from dsv.model.filters import Filter, parse_page

if TYPE_CHECKING:
    from dsv.operations.log import Log


@filtered
def log(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="One dataset, or one version of it; all without it.")
    ] = None,
    *,
    filters: Filter,
    limit: Annotated[int | None, typer.Option("-n", "--limit", metavar="N", min=1, help="At most N results.")] = None,
    offset: Offset = 0,
    sort: Annotated[
        str, typer.Option("--sort", metavar="FIELD", help="created_at, dataset, version, records, bytes or quality.")
    ] = "",
    desc: Descending = False,
    events: Annotated[
        bool, typer.Option("--events", help="What happened instead: releases, yanks, stages, runs; who, when and why.")
    ] = False,
    kinds: Annotated[
        list[str], typer.Option("--kind", metavar="K", help="Only events of this kind, as yank; may be repeated.")
    ] = [],
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Only events by this person, or any part of it.")] = "",
) -> None:
    """The versions, newest first.

    Example: dsv log leases -n 5
    """
    from dsv.model.reference import parse_named
    from dsv.operations.log import Trail, log

    result = log(
        current().open_to_read(),
        None if name is None else parse_named(name),
        filters=filters,
        page=parse_page(sort, descending=desc, limit=limit, offset=offset),
        trail=Trail(kinds, by or None) if events or kinds or by else None,
    )
    lines = _lines if result.events is None else _trail_lines
    show(result, lines(result, offset=offset))


def _lines(result: Log, *, offset: int) -> Iterator[str]:
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
    if rows:
        yield from table(headers, rows, right=[3], cut=[5], spare=[2])
    elif not result.total:
        yield f"no versions{meant(result.did_you_mean)}" if result.did_you_mean else "no versions yet"
    yield from rest_line(len(rows), result.total, offset=offset)


def _trail_lines(result: Log, *, offset: int) -> Iterator[str]:
    events = result.events or ()
    yield from event_lines(events) if events else ["no events"]
    yield from rest_line(len(events), result.events_total, offset=offset)
