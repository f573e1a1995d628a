"""A Frictionless Data Package: a resource for each file, with the schema of its records where these are rows.

The specification is https://datapackage.org/standard/data-package/, version 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from dsv.exports.described import Contents, Described, Exported, json_text, place, without_empty
from dsv.exports.licenses import is_url, license_url, spdx_name
from dsv.exports.media_types import BY_FORMAT, media_type
from dsv.model.shape import Shape, ValueKind
from dsv.model.table import DataFile, Rows, Table

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_ROWS = frozenset({"csv", "tsv"})
_TABULAR = frozenset({"jsonl", "json", "parquet", *_ROWS})
_COMPRESSIONS = frozenset({".gz"})
"""What readers of data packages unpack."""

_UNCOUNTED = frozenset({"json", "parquet"})
"""Formats whose bytes frictionless does not count when it reads rows, and then finds to be wrong."""

_TYPES = {
    ValueKind.TEXT: "string",
    ValueKind.INTEGER: "integer",
    ValueKind.NUMBER: "number",
    ValueKind.BOOLEAN: "boolean",
    ValueKind.DATE: "date",
    ValueKind.DATETIME: "datetime",
    ValueKind.LIST: "array",
    ValueKind.OBJECT: "object",
}
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}")
_ONLY_JSON = frozenset({"array", "object"})


def datapackage(version: Described, contents: Contents) -> Exported:
    """The descriptor of an export whose files lie below `data/`."""
    manifest = version.manifest
    names = _names(contents)
    resources = {}
    for table in contents.tables:
        for file in table.files:
            resources[file.path] = _resource(version, table, file, name=names[file.path])
    document = without_empty(
        {
            "$schema": _PROFILE,
            "name": _slug(manifest.dataset),
            "id": version.ref if not version.address else f"{version.address}#{version.ref}",
            "title": manifest.dataset,
            "description": version.text,
            "version": str(manifest.version),
            "created": manifest.created_at,
            "homepage": version.url,
            "keywords": version.keywords,
            "licenses": [_license(version.license)] if version.license else [],
            "contributors": [
                without_empty({"title": each.name, "email": _email(each.email), "roles": ["maintainer"]})
                for each in version.people
            ],
            "sources": [
                without_empty({"title": each.ref, "path": each.repository if is_url(each.repository or "") else ""})
                for each in manifest.lineage
            ],
        }
    )
    document["resources"] = [resources[each.path] for each in contents.files]
    document["dsv"] = {
        "ref": version.ref,
        "digests": {"tree": manifest.digests.tree, "records": manifest.digests.records},
        "records": manifest.data.records,
        "splits": dict(manifest.splits),
    }
    return Exported(json_text(document), list(_notes(contents)))


def _email(text: str) -> str:
    """The address where it is one for a reader of packages, which refuses one of this machine alone; else ""."""
    return text if _ADDRESS.fullmatch(text) else ""


def _license(text: str) -> dict[str, str]:
    return without_empty({"name": spdx_name(text) or ("" if is_url(text) else text), "path": license_url(text)})


def _notes(contents: Contents) -> Iterator[str]:
    for table in contents.tables:
        if not table.is_opaque and not _is_rows(table):
            yield f"{table.shown} hold records that a data package has no rows for; they are resources without a schema"


def _is_rows(table: Table) -> bool:
    """Whether its records are rows for readers of data packages."""
    listed = table.documents is None or table.documents.is_list
    unpacked = not table.compression or table.compression in _COMPRESSIONS
    return table.format in _TABULAR and bool(table.columns) and listed and unpacked


def _resource(version: Described, table: Table, file: DataFile, *, name: str) -> dict[str, Any]:
    rows = _is_rows(table)
    kind = {"type": "table", "format": table.format} if rows else {}
    plain = media_type(file.path) if table.is_opaque or table.compression else BY_FORMAT.get(table.format, "")
    resource: dict[str, Any] = {
        "name": name,
        "path": place(file),
        **kind,
        "mediatype": plain or media_type(file.path),
        "hash": f"sha256:{file.sha256}",
    }
    if not rows or table.format not in _UNCOUNTED:
        resource["bytes"] = file.size
    if file.split is not None:
        resource["split"] = file.split
    if not rows:
        return resource
    if table.compression:
        resource["compression"] = table.compression.removeprefix(".")
    if table.rows is not None:
        resource |= _spelling(table.rows)
    elif table.format in ("json", "jsonl"):
        resource["dialect"] = _json_dialect(table)
    resource["schema"] = _schema(version, table)
    return resource


def _spelling(rows: Rows) -> dict[str, Any]:
    """How the rows are spelled, as far as it is not the usual way."""
    quote = {"quoteChar": rows.quote} if rows.quote not in ("", '"') else {}
    delimiter = {"delimiter": rows.delimiter} if rows.delimiter != "," else {}
    return {"encoding": rows.encoding, **without_empty({"dialect": {**delimiter, **quote}})}


def _json_dialect(table: Table) -> dict[str, Any]:
    """The fields are named, because they need not all stand in the first record, and nor in this order."""
    inside = table.documents.path if table.documents is not None else ""
    keys = list(table.columns)
    return {"json": {**({"property": inside} if inside else {}), "keys": keys}}


def _schema(version: Described, table: Table) -> dict[str, Any]:
    columns = table.columns
    fields = [{"name": name, "type": _type(shape, table)} for name, shape in columns.items()]
    schema: dict[str, Any] = {"fields": fields}
    if table.format in _ROWS:
        schema["missingValues"] = []  # an empty cell is an empty text, and no missing one
    key = version.manifest.key
    if key and all(name in columns and not columns[name].optional for name in key):
        schema["primaryKey"] = list(key)
    return schema


def _type(shape: Shape, table: Table) -> str:
    """The type of a field; `any` where its values have several, or where a reader of columns gives them otherwise."""
    found = _TYPES.get(shape.kind, "any") if shape.kind is not None else "any"
    return "any" if table.format == "parquet" and found in _ONLY_JSON else found


def _names(contents: Contents) -> dict[str, str]:
    """A name for each file, which no other has: its path in the letters that a name may have."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for file in contents.files:
        plain = _slug(file.path)
        number, name = 2, plain
        while name in taken:
            name, number = f"{plain}-{number}", number + 1
        taken.add(name)
        found[file.path] = name
    return found


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-") or "file"
