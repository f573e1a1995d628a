"""The features of records in the terms of Hugging Face's `datasets`, as a card's front matter writes them.

Without them the library takes the columns of the first file for those of all.
"""

from __future__ import annotations

from typing import Any

from dsv.model.shape import Shape, ValueKind

_TYPES = {
    ValueKind.TEXT: "string",
    ValueKind.INTEGER: "int64",
    ValueKind.NUMBER: "float64",
    ValueKind.BOOLEAN: "bool",
}


def features(shape: Shape) -> tuple[list[dict[str, Any]] | None, list[str]]:
    """The features of records of this shape, None where some have no one type there; and the names of those."""
    found, odd = [], []
    for name, each in shape.members.items():
        inside = _feature(each)
        if inside is None:
            odd.append(name)
        else:
            found.append({"name": name, **inside})
    return (found if found and not odd else None), odd


def _feature(shape: Shape) -> dict[str, Any] | None:
    if not shape.kinds:
        return {"dtype": "string"}
    kind = shape.kind
    if kind is ValueKind.LIST:
        inside = _feature(shape.items or Shape())
        if inside is None:
            return None
        return {"list": inside["dtype"] if "dtype" in inside else inside.get("struct", inside)}
    if kind is ValueKind.OBJECT:
        members, odd = features(shape)
        return None if odd or not members else {"struct": members}
    return {"dtype": _TYPES[kind]} if kind in _TYPES else None
