"""Record indexes made again from the data in DVC's cache, to be held against those that versions were released with."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from dsv.errors import DsvError
from dsv.model.progress import summed
from dsv.records.byte_source import Digests
from dsv.records.file_scan import FileScan
from dsv.repository.contents.gather import gather_from
from dsv.repository.contents.scan_cache import declarations_digest
from dsv.repository.verification.verification import INDEX, MANIFEST, Case, Problem

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest
    from dsv.repository.contents.snapshot import Snapshot
    from dsv.repository.repository import Repository
    from dsv.repository.verification.held_objects import HeldObjects
    from dsv.repository.verification.version_contents import Contents

_PREFIX = "verify-"
_LIFETIME_SECONDS = 86_400


class RemadeIndexes:
    """One index after the other, in a directory of their own that is there until `close`.

    Files that the last version of the same dataset had too are not read again: versions are best taken in their order.
    """

    def __init__(self, repository: Repository, held: HeldObjects) -> None:
        self._repository, self._held = repository, held
        self._last: dict[str, tuple[str, Snapshot]] = {}
        self._directory = ""
        self._made = 0

    def close(self) -> None:
        """The directory is gone."""
        if self._directory:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._last, self._directory = {}, ""

    def problems(self, case: Case, contents: Contents) -> Iterator[Problem]:
        """What the data does not say and the version does; all its objects have been read then.

        Where data is missing or damaged there is nothing to hold an index against.
        """
        manifest, files = case.manifest, contents.data.files
        if manifest is None or files is None:
            return
        snapshot = self._made_again(case, manifest, files)
        if snapshot is None:
            self._held.look(files.values())
        else:
            yield from _compared(case, manifest, contents, snapshot)

    def directory_of(self, case: Case, contents: Contents) -> str | None:
        """Where the index lies that the version's data gives; None where the data is not whole."""
        manifest, files = case.manifest, contents.data.files
        if manifest is None or files is None:
            return None
        snapshot = self._made_again(case, manifest, files)
        return None if snapshot is None else snapshot.index_directory

    def _made_again(self, case: Case, manifest: Manifest, files: Mapping[str, str]) -> Snapshot | None:
        """The version's data with its index; None where it is not whole, or cannot be read."""
        held, name = self._held, case.known.dataset
        if any(held.size(oid) is None or (held.known(oid) and not held.is_sound(oid)) for oid in files.values()):
            return None
        declarations = declarations_digest(manifest.declared, manifest.key, counter="")
        before = self._before(name, declarations)
        known = {file.path: file.md5 for file in before.files} if before else {}
        unread = {path for path, oid in files.items() if known.get(path) == oid and held.known(oid)}
        total = sum(held.size(oid) or 0 for path, oid in files.items() if path not in unread)
        directory = self._next_directory()
        try:
            snapshot = gather_from(
                {path: held.cache.path_of(oid) for path, oid in files.items()},
                dataset=name,
                path=manifest.data.path,
                reading=manifest.declared,
                key=manifest.key,
                is_directory=manifest.digests.dvc.endswith(".dir"),
                directory=directory,
                executor=self._repository.executor,
                before=before,
                unread=unread,
                progress=summed(self._repository.progress, f"verifying {case.known.name}", total=total),
            )
        except (DsvError, OSError):  # of a file that cannot be read, or that somebody takes away
            return None
        for file in snapshot.files:
            oid = files[file.path]
            held.note(oid, Digests(file.size, oid if file.md5 == oid else file.md5, file.sha256))
        if any(file.md5 != files[file.path] for file in snapshot.files):
            shutil.rmtree(snapshot.index_directory)
            return None
        if before is not None:
            shutil.rmtree(before.index_directory)
        # What an index is made of, and no more: with many files the rest takes most of the memory.
        bare = [FileScan(each.path, each.size, each.md5, each.sha256, 0, 0, 0, each.format) for each in snapshot.files]
        snapshot = replace(snapshot, files=bare, read_profile=None)
        self._last[name] = declarations, snapshot
        return snapshot

    def _next_directory(self) -> str:
        if not self._directory:
            state = self._repository.state
            os.makedirs(state, exist_ok=True)
            _sweep(state)
            self._directory = tempfile.mkdtemp(prefix=_PREFIX, dir=state)
        self._made += 1
        return os.path.join(self._directory, f"index{self._made}")

    def _before(self, name: str, declarations: str) -> Snapshot | None:
        """The last version that was read the same way."""
        known, snapshot = self._last.get(name, ("", None))
        if snapshot is not None and known != declarations:
            shutil.rmtree(snapshot.index_directory)
            del self._last[name]
            return None
        return snapshot


def _sweep(state: str) -> None:
    """What killed commands left, gone."""
    limit = time.time() - _LIFETIME_SECONDS
    for name in os.listdir(state):
        path = os.path.join(state, name)
        if name.startswith(_PREFIX) and os.path.getmtime(path) < limit:
            shutil.rmtree(path, ignore_errors=True)


def _compared(case: Case, manifest: Manifest, contents: Contents, snapshot: Snapshot) -> Iterator[Problem]:
    if f"md5:{snapshot.index_object.oid}" != manifest.digests.index:
        made = {os.path.basename(state.path): state.md5 for state in snapshot.index_states()}
        released = contents.index.files or {}
        for name in sorted(made.keys() | released.keys()) if released else ():
            if made.get(name) != released.get(name):
                expected, actual = (f"md5:{each[name]}" if name in each else None for each in (made, released))
                yield Problem(INDEX, contents.index.path_of(name), "mismatch", expected, actual)
        if not released:
            expected = f"md5:{snapshot.index_object.oid}"
            yield Problem(INDEX, contents.index.path, "mismatch", expected, manifest.digests.index)
    for expected, actual in (
        (snapshot.tree, manifest.digests.tree),
        (f"sha256:{snapshot.built.records_digest}", manifest.digests.records),
        (f"{snapshot.records} records", f"{manifest.data.records} records"),
    ):
        if expected != actual:
            yield Problem(MANIFEST, case.file, "mismatch", expected, actual)
