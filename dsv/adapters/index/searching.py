"""Text search over versions: name, tags, type, summary, description, metadata, field names.

The text is taken as words, nothing in it is syntax but double quotes around a phrase. A version fits when every
word is found somewhere in it, as a part too, without regard to case. Words of three characters and more are
looked up among trigrams, shorter ones are looked for. A find in the name weighs more than any in the tags, one
in the tags more than any in the other texts; equal scores go by dataset, the highest version first.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from dsv.adapters.index.folding import fold, storable
from dsv.adapters.index.listing import ordering, tag_and_owner_conditions
from dsv.adapters.index.rows import Filter, Found, Page, SearchHit, Shown
from dsv.model.version import Version

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

MAXIMUM_LENGTH = 1000
MAXIMUM_WORDS = 32
"""What a text has beyond these is left out: a page pasted by mistake is no search."""

_TRIGRAM = 3
_AROUND = 40
_WORDS = re.compile(r'"([^"]+)"|(\S+)')
_SORTS = {
    "score": "score",
    "dataset": "v.dataset COLLATE NOCASE",
    "version": "v.sort_key",
    "created_at": "v.created_at",
    "records": "v.records",
    "files": "v.files",
    "bytes": "v.bytes",
}
_HIT_COLUMNS = (
    "v.dataset, v.version, v.summary, d.description, v.description, d.tags, v.tags, v.metadata, v.fields, v.type,"
    " v.repository"
)
_SCORE = """(
    CASE WHEN s.name = {0} THEN 30000 WHEN instr(s.name, {0}) = 1 THEN 20000 WHEN instr(s.name, {0}) THEN 10000
        ELSE 0 END
    + CASE WHEN instr(s.tags, char(10) || {0} || char(10)) THEN 200 WHEN instr(s.tags, {0}) THEN 100 ELSE 0 END
    + (instr(s.type, {0}) > 0) + (instr(s.summary, {0}) > 0) + (instr(s.description, {0}) > 0)
    + (instr(s.metadata, {0}) > 0) + (instr(s.fields, {0}) > 0))"""
_FOUND = (
    "(instr(s.name, {0}) OR instr(s.tags, {0}) OR instr(s.type, {0}) OR instr(s.summary, {0})"
    " OR instr(s.description, {0}) OR instr(s.metadata, {0}) OR instr(s.fields, {0}))"
)


def search(connection: sqlite3.Connection, text: str, *, where: Filter, page: Page) -> Found[SearchHit]:
    """One page of the versions that fit; a text without words fits all of them."""
    words = search_words(text)
    conditions, parameters = _conditions(where)
    scores = []
    for position, word in enumerate(words):
        parameters[f"word{position}"] = word
        scores.append(_SCORE.format(f":word{position}"))
        if len(word) < _TRIGRAM:
            conditions.append(_FOUND.format(f":word{position}"))
    if long := [word for word in words if len(word) >= _TRIGRAM]:
        conditions.append(
            "s.version_id IN (SELECT rowid FROM dataset_search_fts WHERE dataset_search_fts MATCH :phrases)"
        )
        parameters["phrases"] = " AND ".join('"' + word.replace('"', '""') + '"' for word in long)
    tables = (
        "dataset_search AS s JOIN dataset_versions AS v ON v.id = s.version_id"
        " JOIN datasets AS d ON d.repository = v.repository AND d.name = v.dataset"
        f" WHERE {' AND '.join(conditions)}"
    )
    counting = f"SELECT count(*) FROM {tables}"  # noqa: S608 - our own names, values are bound
    (total,) = connection.execute(counting, parameters).fetchone()
    order = ordering(page, _SORTS, natural="score", ties="v.dataset, v.sort_key DESC, v.repository")
    columns = f"{_HIT_COLUMNS}, {' + '.join(scores) or '0'} AS score"
    rows = connection.execute(f"SELECT {columns} FROM {tables} {order}", parameters)  # noqa: S608 - as above
    return Found([_hit(row, words) for row in rows], total)


def search_words(text: str) -> list[str]:
    """The folded words and phrases of a search text, each once."""
    printable = storable(text[:MAXIMUM_LENGTH]).replace("\0", " ")
    folded = (fold(phrase or word) for phrase, word in _WORDS.findall(printable))
    return [word for word in dict.fromkeys(folded) if word][:MAXIMUM_WORDS]


def _conditions(where: Filter) -> tuple[list[str], dict[str, Any]]:
    conditions = ["true"]
    parameters: dict[str, Any] = {}
    for column, value in (("type", where.type), ("format", where.format), ("repository", where.repository)):
        if value is not None:
            conditions.append(f"v.{column} = :{column}")
            parameters[column] = value
    if where.status is not None:
        conditions.append("(v.status = :status OR d.status = :status)")
        parameters["status"] = where.status
    elif where.shown is not Shown.ALL:
        conditions.append("d.status NOT IN ('archived', 'removed') AND v.status <> 'removed'")
    if where.shown is not Shown.ALL:
        conditions.append("v.known = 1")
    if where.stage is not None:
        conditions.append("EXISTS (SELECT 1 FROM json_each(v.stages) WHERE value = :stage)")
        parameters["stage"] = where.stage
    if where.shown is Shown.LATEST:
        conditions.append("v.id IN (SELECT id FROM v_latest_versions)")
    more, values = tag_and_owner_conditions(where, version="v")
    return conditions + more, parameters | values


def _hit(row: Sequence[Any], words: Sequence[str]) -> SearchHit:
    (
        dataset,
        version,
        summary,
        description,
        own_description,
        tags,
        own_tags,
        metadata,
        fields,
        kind,
        repository,
        score,
    ) = row
    all_tags = ", ".join(dict.fromkeys([*json.loads(tags), *json.loads(own_tags)]))
    texts = [summary, description, own_description, all_tags, metadata, ", ".join(json.loads(fields)), kind]
    return SearchHit(dataset, Version.parse(version), score, _snippet(texts, words), repository)


def _snippet(texts: Sequence[str], words: Sequence[str]) -> str:
    """The surroundings of the first word that one of the texts holds, else the first text's beginning."""
    for text in texts:
        line = unicodedata.normalize("NFC", " ".join(text.split()))
        folded, origin = _folded_with_origin(line)
        for word in words:
            place = folded.find(word)
            if place >= 0:
                return _marked(line, origin[place], origin[place + len(word) - 1] + 1)
    first = next((" ".join(text.split()) for text in texts if text.strip()), "")
    return _cut(first, 0, 2 * _AROUND)


def _folded_with_origin(text: str) -> tuple[str, list[int]]:
    """The case-folded text, and for each of its characters the place in the text that it came from."""
    parts = [character.casefold() for character in text]
    return "".join(parts), [place for place, part in enumerate(parts) for _ in part]


def _marked(text: str, start: int, end: int) -> str:
    before = _cut(text[:start], max(start - _AROUND, 0), start)
    return f"{before}[{text[start:end]}]{_cut(text[end:], 0, _AROUND)}"


def _cut(text: str, start: int, end: int) -> str:
    return f"{'...' if start > 0 else ''}{text[start:end]}{'...' if end < len(text) else ''}"
