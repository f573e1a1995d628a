"""`dsv sql`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import aligned, number, terminal_columns, visible, width
from dsv.errors import UsageError

if TYPE_CHECKING:
    from dsv.operations.sql import Answer, Cell, Cells

_SEPARATORS = {"csv": ",", "tsv": "\t"}


def sql(
    statement: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT; - reads it from standard input.")],
    form: Annotated[str, typer.Option("--as", metavar="text|csv|tsv|json", help="How the rows are written.")] = "text",
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=0, help="At most N rows; 0: all. Else 1000, as CSV all.")
    ] = None,
    time_limit: Annotated[
        float, typer.Option("--time-limit", metavar="SECONDS", min=0, help="How long it may take; 0: any time.")
    ] = 30.0,
) -> None:
    """Ask the index in SQL.

    It is SQLite, brought up to date first, and can only be read. dsv index schema shows its tables and views.

    Example: dsv sql "select dataset, version, records from v_latest_datasets"
    """
    if form not in {"text", "json", *_SEPARATORS}:
        raise UsageError(f"--as takes text, csv, tsv or json, not {form!a}")
    if statement == "-":
        statement = sys.stdin.read()
    session = current()
    session.json = session.json or form == "json"
    if form in _SEPARATORS and not session.json:
        _write(statement, separator=_SEPARATORS[form], limit=limit, seconds=time_limit or None)
        return
    from dsv.operations.sql import ROWS, sql

    answer = sql(
        session.open_to_read(), statement, limit=(ROWS if limit is None else limit) or None, seconds=time_limit or None
    )
    if answer.truncated:
        session.tell(f"there are more than these {number(len(answer.rows))} rows: --limit 0 shows all")
    show(answer, _lines(answer))


def _write(statement: str, *, separator: str, limit: int | None, seconds: float | None) -> None:
    """The rows as they are found."""
    import csv
    from itertools import islice

    from dsv.operations.sql import sql_rows

    session = current()

    def receive(columns: Sequence[str], rows: Iterator[Cells]) -> None:
        writer = csv.writer(sys.stdout, delimiter=separator, lineterminator="\n")
        writer.writerow(map(_for_output, columns))
        writer.writerows([_for_output(_written(cell)) for cell in row] for row in islice(rows, limit or None))
        if next(rows, None) is not None:
            session.tell(f"there are more than these {number(limit or 0)} rows: --limit 0 writes all")

    sql_rows(session.open_to_read(), statement, receive, seconds=seconds)


def _for_output(text: str) -> str:
    """The text as it is for a program, harmless for a terminal."""
    return visible(text) if sys.stdout.isatty() else text


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    return cell.hex() if isinstance(cell, bytes) else str(cell)


def _lines(answer: Answer) -> Iterator[str]:
    """A table; where so many columns do not fit the terminal, each row below the other."""
    rows = [["NULL" if cell is None else _written(cell) for cell in row] for row in answer.rows]
    every = range(len(answer.columns))
    kinds = {at: {type(row[at]) for row in answer.rows} - {type(None)} for at in every}
    numbers = [at for at in every if kinds[at] and kinds[at] <= {int, float}]
    lines = aligned(answer.columns, rows, right=numbers, cut=every)
    if width(max(lines, key=width)) <= terminal_columns() or not rows:
        yield from lines
        return
    names = [visible(column) for column in answer.columns]
    indent = max(map(width, names)) + 2
    for at, row in enumerate(rows):
        if at:
            yield ""
        for name, cell in zip(names, row, strict=True):
            yield f"{name}{' ' * (indent - width(name))}{visible(cell)}".rstrip()
