"""The generated part of docs/index.md, made from the index's tables and views: run it after changing one.

python docs/generate_index.py
"""  # noqa: INP001 - a script beside the page it makes

from __future__ import annotations

from pathlib import Path

from dsv.adapters.index.schema import SCHEMA
from dsv.adapters.index.tables import TABLES, Column, Table, Use
from dsv.adapters.index.views import VIEWS

PAGE = Path(__file__).parent / "index.md"

_START, _END = "<!-- tables -->\n", "<!-- end of tables -->\n"


def index_reference(page: str) -> str:
    """The page with its tables and views made anew."""
    before, rest = page.split(_START)
    return before + _START + tables() + _END + rest.split(_END)[1]


def tables() -> str:
    """A section for each table, with a row for each column, and one for the views."""
    views = "".join(f"- `{each.name}`: {' '.join(each.about.split())}\n" for each in VIEWS)
    return f"This is schema {SCHEMA}.\n\n### Views\n\n{views}\n" + "\n".join(map(_section, TABLES))


def _section(table: Table) -> str:
    own = " For dsv's own use." if table.use is Use.REFRESH else ""
    rows = "".join(_row(table, name, column) for name, column in table.columns.items())
    return f"### {table.name}\n\n{table.about}{own}\n\n| column | | |\n|---|---|---|\n{rows}"


def _row(table: Table, name: str, column: Column) -> str:
    kind = f"{column.kind.value}, or null" if column.optional else column.kind.value
    whose = ["key"] if name in table.key else []
    whose += [f"of `{each.table}`" for each in table.references if name in each.columns]
    kind += "".join(f"; {each}" for each in whose)
    return f"| `{name}` | {kind} | {column.about} |\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(index_reference(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
