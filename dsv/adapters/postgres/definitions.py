"""The index's tables, views and search as PostgreSQL makes them: text from the one description, no connection."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters.index.tables import Kind

if TYPE_CHECKING:
    from dsv.adapters.index.tables import Column, Table
    from dsv.adapters.index.views import View

SEARCH = "search"
SEARCH_ARGUMENTS = "text, integer"

_TYPES = {
    Kind.TEXT: "text",
    Kind.INTEGER: "bigint",
    Kind.REAL: "double precision",
    Kind.FLAG: "smallint",
    Kind.JSON: "jsonb",
    Kind.BYTES: "bytea",
    Kind.UNBOUNDED: "numeric",
}
_BY_BYTES = frozenset({"sort_key"})
"""Columns that sort by their bytes, whatever language the database is set to."""


@dataclass(frozen=True)
class Trigrams:
    """The extension pg_trgm: the schema that it is in."""

    schema: str


@dataclass(frozen=True)
class Definition:
    """What is to be there: each relation's name with the statements that make it, in an order that works.

    `mark` begins the comment on each of them: it says that dsv made it, and of which definition.
    """

    statements: Sequence[str]
    relations: Sequence[str]
    mark: str


def quoted(name: str) -> str:
    """The name as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """The text as a constant; none of ours has a backslash that would mean something."""
    return "'" + value.replace("'", "''") + "'"


def columns(table: Table) -> str:
    """The names of the table's columns, as a list."""
    return ", ".join(map(quoted, table.columns))


def definition(
    tables: Sequence[Table], views: Sequence[View], *, number: int, trigrams: Trigrams | None, folding: str | None
) -> Definition:
    """Everything that is to be made; `number` is that of the index's schema, `folding` the collation to fold text by.

    The statements name no schema: they are for the first one of the search path, which also has to be the current one
    when the function is made, since it goes on with that.
    """
    made = [statement for table in tables for statement in _table(table, trigrams)]
    made += [f"CREATE VIEW {quoted(view.name)} AS {view.select}" for view in views]
    searched = next((table for table in tables if table.searched), None)
    if searched is not None:
        made.append(_search(searched, folding))
    mark = f"dsv {number}-{hashlib.sha256(repr(made).encode()).hexdigest()[:8]}"
    relations: list[Table | View] = [*tables, *views]
    comments = [statement for each in relations for statement in _comments(each, mark)]
    if searched is not None:
        about = "The versions in which every word is found, as a part too, the best first: search(words, how many)."
        comments.append(f"COMMENT ON FUNCTION {SEARCH}({SEARCH_ARGUMENTS}) IS {literal(f'{mark}: {about}')}")
    return Definition([*made, *comments], [each.name for each in relations], mark)


def staged(table: Table) -> str:
    """The name of the temporary table that rows come into first."""
    return quoted(f"staged_{table.name}")


def staging(table: Table) -> str:
    """The statement that makes it."""
    return f"CREATE TEMPORARY TABLE {staged(table)} (LIKE {quoted(table.name)}) ON COMMIT DROP"


def removal(table: Table) -> str:
    """The statement that deletes the rows that were not staged."""
    same = " AND ".join(f"held.{quoted(each)} = gone.{quoted(each)}" for each in table.key)
    gone = f"SELECT * FROM {quoted(table.name)} EXCEPT SELECT * FROM {staged(table)}"  # noqa: S608 - our own names
    return f"DELETE FROM {quoted(table.name)} AS held USING ({gone}) AS gone WHERE {same}"  # noqa: S608 - likewise


def addition(table: Table) -> str:
    """The statement that inserts the staged rows that are not there."""
    name = quoted(table.name)
    return f"INSERT INTO {name} SELECT * FROM {staged(table)} EXCEPT SELECT * FROM {name}"  # noqa: S608 - our own names


def _table(table: Table, trigrams: Trigrams | None) -> Iterator[str]:
    lines = [_column(name, column) for name, column in table.columns.items()]
    lines.append(f"PRIMARY KEY ({_list(table.key)})")
    # checked when all is in place, so that rows may come and go in any order; keys that are referred to cannot wait
    wait = "DEFERRABLE INITIALLY DEFERRED"
    lines += [
        f"FOREIGN KEY ({_list(each.columns)}) REFERENCES {quoted(each.table)} ({_list(each.to)}) {wait}"
        for each in table.references
    ]
    lines += [f"UNIQUE ({_list(each)}) {wait}" for each in table.unique]
    body = ",\n    ".join(lines)
    yield f"CREATE TABLE {quoted(table.name)} (\n    {body}\n)"
    for each in table.indexes:
        yield f"CREATE INDEX ON {quoted(table.name)} ({_list(each)})"
    if table.searched and trigrams is not None:
        operators = f"{quoted(trigrams.schema)}.gin_trgm_ops"
        yield f"CREATE INDEX ON {quoted(table.name)} USING gin (({_everything(table)}) {operators})"


def _column(name: str, column: Column) -> str:
    collation = ' COLLATE "C"' if name in _BY_BYTES else ""
    return f"{quoted(name)} {_TYPES[column.kind]}{collation}{'' if column.optional else ' NOT NULL'}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(map(quoted, names))


def _everything(table: Table, *, of: str = "") -> str:
    """All searched columns in one text, which is what trigrams are kept of."""
    return " || chr(10) || ".join(f"{of}{quoted(each)}" for each in table.searched)


def _comments(part: Table | View, mark: str) -> Iterator[str]:
    found = getattr(part, "columns", None)
    kind = "VIEW" if found is None else "TABLE"
    yield f"COMMENT ON {kind} {quoted(part.name)} IS {literal(f'{mark}: {part.about}')}"
    for name, column in (found or {}).items():
        yield f"COMMENT ON COLUMN {quoted(part.name)}.{quoted(name)} IS {literal(column.about)}"


def _search(table: Table, folding: str | None) -> str:
    """The function that searches as `dsv search` does.

    It is put together for each call, so that each word can be looked up among the trigrams.
    """
    by = "" if folding is None else f" COLLATE {quoted(folding)}"
    texts = " + ".join(f"(strpos(s.{quoted(each)}, %1$L) > 0)::int" for each in table.searched if each not in _WEIGHED)
    score = (
        "CASE WHEN s.name = %1$L THEN 30000 WHEN strpos(s.name, %1$L) = 1 THEN 20000"
        " WHEN strpos(s.name, %1$L) > 0 THEN 10000 ELSE 0 END"
        " + CASE WHEN strpos(s.tags, chr(10) || %1$L || chr(10)) > 0 THEN 200"
        " WHEN strpos(s.tags, %1$L) > 0 THEN 100 ELSE 0 END"
        f" + {texts}"
    )
    # words come in as constants that format() quotes
    return f"""\
CREATE FUNCTION {SEARCH}(words text, most integer DEFAULT 20)
RETURNS TABLE (repository text, dataset text, version text, score bigint, summary text)
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $function$
DECLARE
    word text;
    scores text := '0';
    conditions text := 'true';
BEGIN
    -- folded as the texts are: composed, in lower case, and the two letters that lower case leaves as they are
    FOR word IN
        SELECT DISTINCT regexp_replace(coalesce(part[1], part[2]), '\\s+', ' ', 'g')
        FROM lower(normalize(words, NFC){by}) AS lowered,
            translate(replace(lowered, '{_SHARP_S}', 'ss'), '{_FINAL_SIGMA}', '{_SIGMA}') AS folded,
            regexp_matches(folded, '"([^"]+)"|(\\S+)', 'g') AS part
    LOOP
        scores := scores || format(' + {score.replace("'", "''")}', word);
        conditions := conditions || format(' AND ({_everything(table, of="s.")}) LIKE %L',
            '%' || regexp_replace(word, '([\\\\%_])', '\\\\\\1', 'g') || '%');
    END LOOP;
    RETURN QUERY EXECUTE format('SELECT v.repository, v.dataset, v.version, (%s)::bigint, v.summary
        FROM dataset_search AS s JOIN dataset_versions AS v ON v.id = s.version_id
        WHERE v.known = 1 AND v.status NOT IN (''archived'', ''removed'') AND %s
        ORDER BY 4 DESC, v.repository, v.dataset, v.sort_key DESC LIMIT $1', scores, conditions) USING most;
END
$function$"""  # noqa: S608 - our own names


_WEIGHED = ("name", "tags")
_SHARP_S, _FINAL_SIGMA, _SIGMA = "\xdf", "\u03c2", "\u03c3"
