"""Croissant's record sets: what the records of a table look like, in terms that a reader can load them by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from dsv.exports.described import Described, iri
from dsv.model.shape import SCALARS, Shape, ValueKind
from dsv.model.table import Table

_TYPES = {
    ValueKind.TEXT: "sc:Text",
    ValueKind.INTEGER: "sc:Integer",
    ValueKind.NUMBER: "sc:Float",
    ValueKind.BOOLEAN: "sc:Boolean",
    ValueKind.DATE: "sc:Date",
    ValueKind.DATETIME: "sc:DateTime",
}
_SPLITS = {
    "train": "cr:TrainingSplit",
    "valid": "cr:ValidationSplit",
    "validation": "cr:ValidationSplit",
    "val": "cr:ValidationSplit",
    "dev": "cr:ValidationSplit",
    "test": "cr:TestSplit",
    "eval": "cr:TestSplit",
}
_PICTURES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff"})
_READ = frozenset({"jsonl", "json", "csv", "tsv", "parquet"})
_NUMBER_OF_RECORDS = "http://www.wikidata.org/entity/Q4049983"
"""Cardinality, by which the specification says how many records there are."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset({"where", "parent", "parents"})
_UNQUOTABLE = re.compile(r"[\"\\\x00-\x1f]")


def why_no_records(table: Table) -> str:
    """Why the records of the table are not described, in a phrase; "" where they are."""
    if table.is_opaque:
        return "" if all(each.suffix in _PICTURES for each in table.files) else "they hold no records"
    if table.format == "text" and not table.compression:
        return ""
    usual = {"csv": ",", "tsv": "\t"}.get(table.format)
    phrase = ""
    if table.format not in _READ:
        phrase = f"Croissant's readers have none for {table.format}"
    elif table.compression not in ("", ".gz"):
        phrase = f"Croissant's readers do not unpack {table.compression}"
    elif table.rows is not None and (table.rows.delimiter, table.rows.encoding) != (usual, "utf-8"):
        phrase = "Croissant has no words for their delimiter or encoding"
    elif table.documents is not None and table.documents.is_map:
        phrase = "their records are the members of a map"
    elif not table.columns:
        phrase = "their records are no objects with fields"
    return phrase


def splits_record_set(splits: Sequence[str]) -> dict[str, Any]:
    """The splits that record sets belong to."""
    rows = [{"splits/name": each, "splits/url": _SPLITS.get(each)} for each in splits]
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [
            {"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text"},
            {"@type": "cr:Field", "@id": "splits/url", "name": "url", "dataType": "sc:URL"},
        ],
        "data": rows,
    }


def record_set(
    version: Described, name: str, table: Table, *, source: dict[str, Any], count: int | None
) -> dict[str, Any]:
    """The record set of a table; `source` names its file or file set, `count` is how many records it has, if known."""
    own = iri(name)
    fields = _Fields(version, table, source, own)
    found: dict[str, Any] = {"@type": "cr:RecordSet", "@id": own, "name": name}
    key = version.manifest.key
    columns = table.columns
    described = fields.all()
    ids = {each["@id"] for each in described}
    if key and all(each in columns for each in key) and all(f"{own}/{iri(each)}" in ids for each in key):
        found["key"] = [{"@id": f"{own}/{iri(each)}"} for each in key]
    if count is not None:
        found["annotation"] = [
            {
                "@type": "cr:Field",
                "@id": f"{own}#count",
                "name": "count",
                "value": count,
                "sc:value": count,
                "dataType": _NUMBER_OF_RECORDS,
            }
        ]
    if fields.left_out:
        found["description"] = f"Fields of several kinds, left out: {', '.join(fields.left_out)}"
    found["field"] = described
    return found


class _Fields:
    """The fields of one record set; those whose values have no one form in Croissant are left out, by name."""

    def __init__(self, version: Described, table: Table, source: dict[str, Any], own: str) -> None:
        self._version = version
        self._table = table
        self._source = source
        self._own = own
        self.left_out: list[str] = []

    def all(self) -> list[dict[str, Any]]:
        """Every field, the split that the records belong to last."""
        table = self._table
        if table.is_opaque:
            found = [
                self._leaf("image", "sc:ImageObject", {"extract": {"fileProperty": "content"}}),
                self._leaf("path", "sc:Text", {"extract": {"fileProperty": "fullpath"}}),
            ]
        elif table.format == "text":
            found = [self._leaf("text", "sc:Text", {"extract": {"fileProperty": "lines"}})]
        else:
            found = []
            for name, shape in table.columns.items():
                field = self._top(name, shape)
                if field is None:
                    self.left_out.append(name)
                else:
                    found.append(field)
        if table.split is not None and "split" not in table.columns:
            found.append(
                {
                    "@type": "cr:Field",
                    "@id": f"{self._own}/split",
                    "name": "split",
                    "dataType": "sc:Text",
                    # The specification's context has Croissant's term for it, its implementation reads schema.org's.
                    "value": table.split,
                    "sc:value": table.split,
                    "references": {"field": {"@id": "splits/name"}},
                }
            )
        return found

    def _leaf(self, name: str, kind: str, how: dict[str, Any]) -> dict[str, Any]:
        return {
            "@type": "cr:Field",
            "@id": f"{self._own}/{iri(name)}",
            "name": name,
            "dataType": kind,
            "source": {**self._source, **how},
        }

    def _top(self, name: str, shape: Shape) -> dict[str, Any] | None:
        documents = self._table.documents
        if documents is None:
            return self._field(name, shape, f"{self._own}/{iri(name)}", {"extract": {"column": name}}, ())
        step = _step(name)
        if step is None:
            return None
        if not documents.is_list:
            return self._field(
                name, shape, f"{self._own}/{iri(name)}", {"extract": {"fileProperty": "content"}}, (name,)
            )
        if shape.optional:  # a path finds the values that are there, and nobody knows whose they are
            return None
        path = "".join(f".{each}" for each in documents.path.split(".") if each)
        how = {"extract": {"jsonPath": f"${path}[*]{step}"}}
        return self._field(name, shape, f"{self._own}/{iri(name)}", how, ())

    def _field(
        self, name: str, shape: Shape, identity: str, how: dict[str, Any], path: Sequence[str]
    ) -> dict[str, Any] | None:
        """A field, with what is inside it; None where its values have no one form."""
        head: dict[str, Any] = {"@type": "cr:Field", "@id": identity, "name": name}
        inner, array = shape, {}
        if shape.kind is ValueKind.LIST:
            inner, array = shape.items or Shape(), {"isArray": True, "arrayShape": "-1"}
        kind = _type_of(inner)
        if kind is not None:
            label = name in self._version.label_fields and len(path) <= 1
            return {
                **head,
                "dataType": [kind, "cr:Label"] if label else kind,
                **array,
                "source": {**self._source, **_transformed(how, path)},
            }
        if inner.kind is not ValueKind.OBJECT:
            return None
        below = [
            found
            for member, each in inner.members.items()
            if _step(member) is not None
            and (found := self._field(member, each, f"{identity}/{iri(member)}", how, (*path, member))) is not None
        ]
        return {**head, **array, "subField": below} if below else None


def _transformed(how: dict[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """How the value is got at, and then the way inside it."""
    if not path:
        return how
    steps = "".join(_step(each) or "" for each in path)
    return {**how, "transform": {"jsonPath": steps.removeprefix(".")}}


def _step(name: str) -> str | None:
    """The step of a JSON path to a member; None for a name that no path can spell."""
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return f".{name}"
    return None if _UNQUOTABLE.search(name) else f'["{name}"]'


def _type_of(shape: Shape) -> str | None:
    """The type of single values; a text for those of several kinds, and for values that are all null."""
    if not shape.kinds:
        return "sc:Text"
    if shape.kind is not None:
        return _TYPES.get(shape.kind)
    return "sc:Text" if shape.kinds <= SCALARS else None
