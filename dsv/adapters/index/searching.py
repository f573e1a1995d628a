"""Text search over versions: name, tags, type, summary, description, metadata, field names.

The text is taken as words, nothing in it is syntax but double quotes around a phrase. A version fits when every
word is found somewhere in it, as a part too, without regard to case. Words of three characters and more are
looked up among trigrams, shorter ones are looked for. A find in the name weighs more than any in the tags, one
in the tags more than any in the other texts; equal scores go by dataset, the highest version first.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from dsv.adapters.index.conditions import Conditions, ordering, runs_of, total_of, version_conditions
from dsv.adapters.index.folding import fold, storable
from dsv.adapters.index.rows import Found, SearchHit
from dsv.adapters.index.snippets import snippet
from dsv.adapters.index.suggesting import SUGGESTIONS, nearest, queries, terms_in
from dsv.model.filters import Filter, Page, Used
from dsv.model.version import Version

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

MAXIMUM_LENGTH = 1000
MAXIMUM_WORDS = 32
"""What a text has beyond these is left out: a page pasted by mistake is no search."""

_TRIGRAM = 3
_TYPED = 6
_WORDS = re.compile(r'"([^"]+)"|(\S+)')
_SORTS = {
    "score": "score",
    "dataset": "v.dataset COLLATE NOCASE",
    "version": "v.sort_key",
    "created_at": "v.created_at",
    "records": "v.records",
    "files": "v.files",
    "bytes": "v.bytes",
    "quality": "v.quality_score",
    "judge_pass_rate": "v.judge_pass_rate",
}
_HIT_COLUMNS = (
    "v.dataset, v.version, v.summary, d.description, v.description, d.tags, v.tags, v.metadata, v.fields, v.type,"
    " v.repository, v.status"
)
_SCORE = """(
    CASE WHEN {1} = {0} THEN 30000 WHEN instr({1}, {0}) = 1 THEN 20000 WHEN instr({1}, {0}) THEN 10000
        ELSE 0 END
    + CASE WHEN instr(s.tags, char(10) || {0} || char(10)) THEN 200 WHEN instr(s.tags, {0}) THEN 100 ELSE 0 END
    + (instr(s.type, {0}) > 0) + (instr(s.summary, {0}) > 0) + (instr(s.description, {0}) > 0)
    + (instr(s.metadata, {0}) > 0) + (instr(s.fields, {0}) > 0))"""
_FOUND = (
    "(instr({1}, {0}) OR instr(s.tags, {0}) OR instr(s.type, {0}) OR instr(s.summary, {0})"
    " OR instr(s.description, {0}) OR instr(s.metadata, {0}) OR instr(s.fields, {0}))"
)
_TABLES = (
    "dataset_search AS s JOIN dataset_versions AS v ON v.id = s.version_id"
    " JOIN datasets AS d ON d.repository = v.repository AND d.name = v.dataset"
)


def search(connection: sqlite3.Connection, text: str, *, where: Filter, page: Page) -> Found[SearchHit]:
    """One page of the versions that fit; a text without words fits all of them."""
    words = search_words(text)
    asked = _asked(words, where)
    tables = f"{_TABLES} WHERE {asked}"
    order = ordering(page, _SORTS, natural="score", ties="v.dataset, v.sort_key DESC, v.repository")
    scores = [_SCORE.format(f":word{position}", _name(where)) for position in range(len(words))]
    runs = runs_of("v", "v.dataset", "v.version") if where.used is Used.BY_RUNS else "'[]'"
    columns = f"{_HIT_COLUMNS}, {runs}, {' + '.join(scores) or '0'} AS score"
    rows = connection.execute(f"SELECT {columns} FROM {tables} {order}", asked.values)  # noqa: S608 - values are bound
    hits = [_hit(row, words) for row in rows]
    total = total_of(connection, tables, asked, page=page, shown=len(hits))
    return Found(hits, total, _alike(connection, words, where) if words and total == 0 else ())


def _asked(words: Sequence[str], where: Filter) -> Conditions:
    """That a version has all words, and fits."""
    conditions = version_conditions(where)
    by_trigram = [word for word in words if len(word) >= _TRIGRAM and where.at is None]
    for position, word in enumerate(words):
        conditions.values[f"word{position}"] = word
        if word not in by_trigram:
            conditions.add(_FOUND.format(f":word{position}", _name(where)))
    if by_trigram:
        conditions.add(
            "s.version_id IN (SELECT rowid FROM dataset_search_fts WHERE dataset_search_fts MATCH :phrases)",
            phrases=" AND ".join('"' + word.replace('"', '""') + '"' for word in by_trigram),
        )
    return conditions


def _name(where: Filter) -> str:
    """The folded name of a version's dataset; looked back to, it may have been another."""
    return "s.name" if where.at is None else "fold(v.dataset)"


def _alike(connection: sqlite3.Connection, words: Sequence[str], where: Filter) -> list[str]:
    """Queries near to this one that find something; none for one so long that it was hardly typed."""
    if len(words) > _TYPED:
        return []
    conditions = version_conditions(where)
    columns = f"{_name(where)}, s.tags, s.type, s.summary, s.description, s.metadata, s.fields"
    asked = f"SELECT DISTINCT {columns} FROM {_TABLES} WHERE {conditions}"  # noqa: S608 - our own names
    rows = connection.execute(asked, conditions.values).fetchall()
    texts = {text for row in rows for text in row if text}
    terms = terms_in(texts).union(*((name, *tags.split("\n")) for name, tags, *_ in rows))
    alike = [[] if any(word in text for text in texts) else nearest(word, terms) for word in words]
    near = queries(words, alike) if any(alike) else list(words) if len(words) > 1 else []
    return [query for query in near if _finds(connection, query, where)][:SUGGESTIONS]


def _finds(connection: sqlite3.Connection, query: str, where: Filter) -> bool:
    asked = _asked(search_words(query), where)
    found = connection.execute(f"SELECT EXISTS (SELECT 1 FROM {_TABLES} WHERE {asked})", asked.values)  # noqa: S608
    return bool(found.fetchone()[0])


def search_words(text: str) -> list[str]:
    """The folded words and phrases of a search text, each once."""
    printable = storable(text[:MAXIMUM_LENGTH]).replace("\0", " ")
    folded = (fold(phrase or word) for phrase, word in _WORDS.findall(printable))
    return [word for word in dict.fromkeys(folded) if word][:MAXIMUM_WORDS]


def _hit(row: Sequence[Any], words: Sequence[str]) -> SearchHit:
    dataset, version, summary, description, own_description, tags, own_tags, metadata, fields, kind = row[:10]
    repository, status, runs, score = row[10:]
    all_tags = ", ".join(dict.fromkeys([*json.loads(tags), *json.loads(own_tags)]))
    texts = [summary, description, own_description, all_tags, metadata, ", ".join(json.loads(fields)), kind]
    found = snippet(texts, words)
    return SearchHit(dataset, Version.parse(version), score, found, repository, status, tuple(json.loads(runs)))
