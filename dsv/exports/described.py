"""A version as exports are told of it, and what several of them say of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from dsv.model.lineage import Lineage
from dsv.model.manifest import Manifest
from dsv.model.table import DataFile, Table
from dsv.model.visible import visible_json

DATA = "data"
"""The directory of an export that holds the dataset's files."""

_PERSON = re.compile(r"\s*(?P<name>[^<>]*?)\s*<(?P<email>[^<>\s]+@[^<>\s]+)>\s*")


@dataclass(frozen=True)
class Described:
    """A released version, and what its dataset declares today.

    `ref` is NAME@X.Y.Z, `address` where its repository is ("" where nobody else can reach it). `lineage` leads from it
    to what it was made from; `ancestors` are the manifests of those that are known here, by their refs there.
    """

    ref: str
    manifest: Manifest
    description: str = ""
    owners: Sequence[str] = ()
    label_fields: frozenset[str] = frozenset()
    address: str = ""
    git_tag: str | None = None
    commit: str | None = None
    lineage: Lineage = field(default_factory=lambda: Lineage({}, ()))
    ancestors: Mapping[str, Manifest] = field(default_factory=dict)

    @property
    def withdrawn(self) -> str:
        """The word for how it stands, where that is not as it was released: deprecated, yanked; else ""."""
        node = self.lineage.nodes.get(self.ref)
        return "" if node is None else node.mark

    @property
    def text(self) -> str:
        """What it is about: the description, else what its last change was."""
        return self.description.strip() or f"{self.ref}: {self.manifest.summary.strip() or 'a dataset'}"

    @property
    def people(self) -> list[Person]:
        """The owners; where none are declared, who released it."""
        return [Person.parse(each) for each in (self.owners or (self.manifest.created_by,))]

    @property
    def keywords(self) -> list[str]:
        """Its type and its tags."""
        return list(dict.fromkeys(each for each in (self.manifest.type, *self.manifest.tags) if each))

    @property
    def url(self) -> str:
        """A page of it in the web, where one is stated or its repository has one; else ""."""
        stated = self.fact("url", "homepage")
        found = stated or self.address
        return found if re.match(r"https?://\S+$", found) else ""

    @property
    def license(self) -> str:
        """The licence that its metadata states."""
        return self.fact("license", "licence")

    def fact(self, *names: str) -> str:
        """The first of these facts of its metadata that is a text or a number; else ""."""
        found = (self.manifest.metadata.get(name) for name in names)
        return next((str(each).strip() for each in found if isinstance(each, (str, int, float))), "")


@dataclass(frozen=True)
class Contents:
    """The files of a version with their tables."""

    files: Sequence[DataFile]
    tables: Sequence[Table]


@dataclass(frozen=True)
class Exported:
    """A document, and what the format had no words for: lines that a person is told."""

    text: str
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Person:
    """Somebody, by what is known of name and address."""

    name: str
    email: str = ""

    @classmethod
    def parse(cls, text: str) -> Person:
        """The person that a text such as `Ana Lima <ana@example.com>`, or an address alone, names."""
        if match := _PERSON.fullmatch(text):
            return cls(match["name"] or match["email"], match["email"])
        bare = text.strip()
        return cls(bare, bare if re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", bare) else "")


def json_text(document: Mapping[str, Any]) -> str:
    """The document as JSON of two spaces, in which nothing acts on a terminal."""
    return visible_json(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)) + "\n"


def without_empty(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without what is empty at its top."""
    return {key: value for key, value in document.items() if value not in ("", None, [], {}, ())}


def place(file: DataFile) -> str:
    """Where the file lies in an export."""
    return f"{DATA}/{file.path}"


def iri(text: str) -> str:
    """The text as part of an identifier: what an IRI has no room for is percent-encoded."""
    return quote(text, safe="/._-~@", errors="surrogateescape")
