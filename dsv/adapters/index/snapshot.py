"""What of the index is published: the rows of its tables, with numbers that stay the same from one time to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dsv.adapters.index.rows import OWN
from dsv.adapters.index.tables import TABLES, Use
from dsv.model.secrecy import without_secrets_of_urls

if TYPE_CHECKING:
    import sqlite3

    from dsv.adapters.index.tables import Table

PUBLISHED: Sequence[Table] = tuple(table for table in TABLES if table.use is Use.EVERYBODY)
"""The tables that go along, in an order in which each comes after those that it refers to."""

_URLS = frozenset({"url", "parent_repository"})


def numbered_by(table: Table) -> tuple[str, ...]:
    """The columns that tell a row for good, where its key is a number that an index gave; else none."""
    return table.unique[0] if table.key == ("id",) else ()


class Snapshot:
    """One state of the index, while its transaction is open.

    Another index of the same repository numbers versions and events otherwise. Here they keep the numbers that those
    `held` have, which were published before, and new ones get the next: the same is published from every clone, and a
    link to a row by its number stays right. Ask for the tables in their order.
    """

    def __init__(self, connection: sqlite3.Connection, *, origin: str = "") -> None:
        """Nothing is read yet; `origin` is where the repository can be cloned from, '' where that is not known."""
        self._connection = connection
        self.origin = _shown(origin)
        self._numbers: dict[str, dict[int, int]] = {}

    def count(self, table: Table) -> int:
        """How many rows it has."""
        (found,) = self._connection.execute(f"SELECT count(*) FROM {_quoted(table.name)}").fetchone()  # noqa: S608 - our own names
        return int(found)

    def rows(self, table: Table, *, held: Mapping[tuple[Any, ...], int]) -> Iterator[list[Any]]:
        """Its rows, sorted by what tells them; `held` are numbers by the values of `numbered_by`."""
        columns = list(table.columns)
        order = numbered_by(table) or table.key
        found = self._connection.execute(
            f"SELECT {', '.join(map(_quoted, columns))} FROM {_quoted(table.name)}"  # noqa: S608 - our own names
            f" ORDER BY {', '.join(map(_quoted, order))}"
        )
        own = self._renumbering(table, held)
        referring = [
            (columns.index(each.columns[0]), self._numbers[each.table])
            for each in table.references
            if each.table in self._numbers
        ]
        told = table.name == "repositories" and self.origin
        urls = [place for place, name in enumerate(columns) if name in _URLS]
        natural = [columns.index(name) for name in order]
        for values in found:
            row = list(values)
            if own is not None:
                row[0] = own(row[0], tuple(row[place] for place in natural))
            for place, numbers in referring:
                row[place] = None if row[place] is None else numbers[row[place]]
            for place in urls:
                row[place] = self.origin if told and row[0] == OWN else _shown(row[place])
            yield row

    def _renumbering(self, table: Table, held: Mapping[tuple[Any, ...], int]) -> _Renumbering | None:
        if not numbered_by(table):
            return None
        numbers = self._numbers[table.name] = {}
        return _Renumbering(numbers, held)


class _Renumbering:
    """Gives a row the number that it had, or the next one, and keeps which of the index's own that was."""

    def __init__(self, numbers: dict[int, int], held: Mapping[tuple[Any, ...], int]) -> None:
        self._numbers, self._held = numbers, held
        self._last = max(held.values(), default=0)

    def __call__(self, number: int, natural: tuple[Any, ...]) -> int:
        found = self._held.get(natural)
        if found is None:
            found = self._last = self._last + 1
        self._numbers[number] = found
        return found


def _shown(url: str) -> str:
    """The URL without a user, who may be a token."""
    return without_secrets_of_urls(url).replace("***@", "")


def _quoted(name: str) -> str:
    return f'"{name}"'
