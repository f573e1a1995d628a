"""Manifests, events and declarations out of git's blobs; each text is parsed once in the life of the search index."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from dsv.adapters.executor import Here, processes
from dsv.adapters.index import Text
from dsv.errors import BadManifestError
from dsv.model.standing import PastEvent
from dsv.model.version import Version

if TYPE_CHECKING:
    from dsv.adapters.index import Index
    from dsv.repository.repository import Repository

Parse = Callable[[bytes], dict[str, Any] | None]

_FEW = 200
"""More than so many texts take longer to parse than processes to begin."""
_PARSED_AT_ONCE = 100
"""By one process in one go: small, so that none has much left when the others are done."""


class Documents:
    """Parsed texts by blob id, each made a value when it is asked for: all at once they would fill the memory."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """The texts are JSON, null where the blob cannot be read."""
        self._texts = texts

    def get(self, blob: str) -> dict[str, Any] | None:
        """The value; None where there is none."""
        text = self._texts.get(blob)
        value: dict[str, Any] | None = None if text is None else json.loads(text)
        return value

    def all(self) -> dict[str, dict[str, Any]]:
        """Every value that there is."""
        found = {blob: self.get(blob) for blob in self._texts}
        return {blob: document for blob, document in found.items() if document is not None}


def documents(
    repository: Repository, index: Index, ids: Iterable[str], kind: Text, *, members: Sequence[str] = ()
) -> Documents:
    """The parsed texts; each is parsed once in the life of the index."""
    wanted = {each for each in ids if each}
    texts = index.cached(wanted, kind=kind, members=members)
    missing = wanted - texts.keys()
    if not missing:
        return Documents(texts)
    fresh = _parsed(repository.git.blobs(missing, paths=_paths(repository)), PARSERS[kind])
    if fresh:
        index.remember(fresh, kind=kind)
    return Documents({**texts, **fresh})


def remember(index: Index, contents: Iterable[bytes], kind: Text) -> None:
    """Have parsed these texts already when git shows them."""
    named = [
        (hashlib.sha1(b"blob %d\0" % len(each) + each, usedforsecurity=False).hexdigest(), each) for each in contents
    ]
    if named:
        index.remember(_parse_several(PARSERS[kind], named), kind=kind)


def _paths(repository: Repository) -> dict[str, str] | None:
    """Where each file below the manifests has lain, by blob id; None where nothing depends on that."""
    git, layout = repository.git, repository.layout
    if not git.converts:
        return None
    return {each.blob: each.path for each in git.history(layout.in_git(layout.manifests)) if each.blob}


def _parsed(contents: Mapping[str, bytes], parse: Parse) -> dict[str, str]:
    """The parsed texts as JSON by blob id; many of them are parsed by several processes."""
    blobs = sorted(contents)
    many = len(blobs) > _FEW
    here = blobs[:1] if many else blobs  # one at least, so that what parses is loaded before others are forked
    done = _parse_several(parse, [(blob, contents[blob]) for blob in here])
    parts = [blobs[first : first + _PARSED_AT_ONCE] for first in range(len(here), len(blobs), _PARSED_AT_ONCE)]
    with processes() if many else nullcontext(Here()) as workers:
        futures = [workers.submit(_parse_several, parse, [(blob, contents[blob]) for blob in part]) for part in parts]
        for future in futures:
            done |= future.result()
    return done


def _parse_several(parse: Parse, texts: Sequence[tuple[str, bytes]], told: object = None) -> dict[str, str]:  # noqa: ARG001 - nobody is told of bytes
    return {blob: json.dumps(parse(content), ensure_ascii=True) for blob, content in texts}


def parse_manifest(content: bytes) -> dict[str, Any] | None:
    """The manifest as a JSON value; None where it cannot be read."""
    from dsv.model.documents import plain
    from dsv.model.manifest import load_manifest

    try:
        return plain(load_manifest(content, file="manifest").value)
    except BadManifestError:
        return None


def parse_event(content: bytes) -> dict[str, Any] | None:
    """The event as a JSON value; None where it cannot be read."""
    from dsv.model.documents import plain
    from dsv.model.event import load_event

    try:
        return plain(load_event(content, file="event").value)
    except BadManifestError:
        return None


def parse_dataset(content: bytes) -> dict[str, Any] | None:
    """The declaration as a JSON value; None where it cannot be read."""
    from dsv.model.dataset import load_dataset
    from dsv.model.documents import plain

    try:
        return plain(load_dataset(content, file="dataset.yaml").value)
    except BadManifestError:
        return None


PARSERS: dict[Text, Parse] = {Text.MANIFEST: parse_manifest, Text.EVENT: parse_event, Text.DATASET: parse_dataset}
"""How each kind of text becomes a JSON value."""


def past_event(document: Mapping[str, Any], *, file: str) -> PastEvent:
    """The event that the parsed text of a file tells."""
    return PastEvent(
        file=file,
        event=document["event"],
        dataset=document["dataset"],
        version=None if document["version"] is None else Version.parse(document["version"]),
        at=document["at"],
        by=document["by"],
        reason=document["reason"],
        data=document["data"],
    )
