"""`dsv sql`: the index asked in SQL, which can only read it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from dsv.repository import Repository
from dsv.repository.known.search_index import ask

Cell = int | float | str | bytes | None
Cells = Sequence[Cell]

ROWS = 1000
"""How many rows an answer holds when no number is asked for."""
SECONDS = 30.0
"""How long SQLite may take when no time is given."""


@dataclass(frozen=True)
class Answer:
    """The names of the columns, and the rows; `truncated` when there were more than were asked for."""

    columns: Sequence[str]
    rows: Sequence[Cells]
    truncated: bool

    def document(self) -> dict[str, Any]:
        """As `--json` prints it; bytes as hexadecimal digits, the infinities as texts."""
        rows = [[_plain(cell) for cell in row] for row in self.rows]
        return {"columns": list(self.columns), "rows": rows, "truncated": self.truncated}


def sql(repository: Repository, statement: str, *, limit: int | None = ROWS, seconds: float | None = SECONDS) -> Answer:
    """What a statement finds in the index as git is now; None is no limit.

    Errors: UsageError for a statement that cannot be run, or does more than read; DeadlineError.
    """

    def held(columns: Sequence[str], rows: Iterator[Cells]) -> Answer:
        found = list(rows if limit is None else islice(rows, limit + 1))
        return Answer(columns, found[:limit], truncated=limit is not None and len(found) > limit)

    return ask(repository, lambda index: index.query(statement, held, seconds=seconds))


def sql_rows(
    repository: Repository,
    statement: str,
    receive: Callable[[Sequence[str], Iterator[Cells]], None],
    *,
    seconds: float | None = SECONDS,
) -> None:
    """The same, however many rows there are: they are handed on as they are found."""
    ask(repository, lambda index: index.query(statement, receive, seconds=seconds))


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, bytes):
        return cell.hex()
    if isinstance(cell, float) and math.isinf(cell):
        return "Infinity" if cell > 0 else "-Infinity"
    return cell


__all__ = ["ROWS", "SECONDS", "Answer", "Cell", "Cells", "sql", "sql_rows"]
