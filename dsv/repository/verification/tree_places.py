"""What is looked at in the work tree to verify a version: the files of git that name it, its index and its data."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.adapters.git.work_tree import unmodified
from dsv.errors import DsvError, NoPathError
from dsv.model.progress import summed
from dsv.records.hashing import Seen, seen_all, seen_in
from dsv.records.jobs import Target
from dsv.repository.contents import scan_cache
from dsv.repository.contents.walk import WalkedFile, walk
from dsv.repository.contents.workers import workers_for_bytes
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.declared.pointers import pointer_here
from dsv.repository.known.catalog import Versions, all_versions
from dsv.repository.verification.verification import INDEX, MANIFEST, POINTER, WORK, Case, Depth, Problem, difference

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest
    from dsv.repository.repository import Repository
    from dsv.repository.verification.held_objects import HeldObjects
    from dsv.repository.verification.version_contents import Contents


class WorkTree:
    """The work tree as one command sees it: the data of a dataset is read once, whatever versions have it."""

    def __init__(self, repository: Repository, held: HeldObjects, *, depth: Depth) -> None:
        self._repository, self._held, self._depth = repository, held, depth
        self._paths: dict[str, str] = {}
        self._read: dict[str, dict[str, Seen]] = {}

    def problems(self, case: Case, contents: Contents) -> Iterator[Problem]:
        """What is wrong here with a version: its manifest always, the rest where the pointers are at that version."""
        yield from self._in_manifest(case)
        if case.manifest is None:
            return
        path = self.path_of(case)
        try:
            pointer = pointer_here(self._repository, path)
        except DsvError as error:
            if self._is_newest(case):
                file = self._repository.layout.data_pointer(path)
                yield Problem(POINTER, file, "unreadable", case.manifest.digests.dvc, error.message)
            pointer = None
        if pointer is not None and f"md5:{pointer.md5}" == case.manifest.digests.dvc:
            yield from self._in_data(case, contents, path)
        elif pointer is not None and self._is_newest(case) and not self._is_of_somebody(pointer):
            file = self._repository.layout.data_pointer(path)
            yield Problem(POINTER, file, "mismatch", case.manifest.digests.dvc, f"md5:{pointer.md5}")
        yield from self._in_index(case, case.manifest, contents)

    def path_of(self, case: Case) -> str:
        """Where the data of the version's dataset is today."""
        name = case.known.dataset
        if name not in self._paths:
            versions = next((each for each in self._versions.values() if name in each.names), None)
            try:
                self._paths[name] = load_dataset_file(self._repository, versions.dataset if versions else name).path
            except DsvError:
                self._paths[name] = case.manifest.data.path if case.manifest else ""
        return self._paths[name]

    def files(self, case: Case) -> dict[str, WalkedFile]:
        """The files of the dataset's data by path; NoPathError where there are none, UnsupportedFileError."""
        path = self.path_of(case)
        return {file.path: file for file in walk(self._repository.layout.absolute(path), shown=path)}

    def read(self, case: Case) -> Mapping[str, Seen]:
        """What the bytes of these files are. Errors: as of `files`."""
        path = self.path_of(case)
        if path not in self._read:
            files = list(self.files(case).values())
            sources, sizes = [file.source for file in files], [file.size for file in files]
            targets = [Target(source, "", 0, size) for source, size in zip(sources, sizes, strict=True)]
            advance = summed(self._repository.progress, f"verifying {path}", total=sum(sizes))
            found = {}
            with workers_for_bytes(targets, executor=self._repository.executor) as workers:
                workers.tell(advance)
                for file, seen in zip(files, seen_all(sources, sizes, workers=workers), strict=True):
                    found[file.path] = seen
                    workers.tell(advance)
            self._read[path] = found
        return self._read[path]

    def forget(self) -> None:
        """Files were replaced: all are looked at again."""
        self._read.clear()

    @cached_property
    def _versions(self) -> dict[str, Versions]:
        return all_versions(self._repository)

    def _is_newest(self, case: Case) -> bool:
        """Whether the work tree's pointer can be expected to name this version, or data that is none's yet."""
        newest = [each.newest_base for each in self._versions.values()]
        return case.known.name in {each.name for each in newest if each is not None}

    def _is_of_somebody(self, pointer: dvc.Pointer) -> bool:
        """Whether there is data that the pointer names: in the cache, or as a version of whatever dataset."""
        if pointer.hash_name != "md5" or self._held.size(pointer.md5) is not None:
            return True
        return any(pointer.md5 == oid for oid in self._released)

    @cached_property
    def _released(self) -> set[str]:
        from dsv.repository.known.search_index import parsed_manifests

        blobs = [known.blob for versions in self._versions.values() for known in versions.known]
        manifests = parsed_manifests(self._repository, blobs, members=("digests",))
        return {each["digests"]["dvc"].removeprefix("md5:") for each in manifests.values()}

    def _in_manifest(self, case: Case) -> Iterator[Problem]:
        """The manifest lies here as HEAD has it."""
        repository = self._repository
        if not case.known.in_head:
            return
        here = repository.text(case.file)
        if here is None:
            yield Problem(MANIFEST, case.file, "missing", _sha256(case.text), None)
        elif here != case.text and not unmodified(repository.git, [repository.layout.in_git(case.file)])[0]:
            yield Problem(MANIFEST, case.file, "mismatch", _sha256(case.text), _sha256(here))

    def _in_index(self, case: Case, manifest: Manifest, contents: Contents) -> Iterator[Problem]:
        """The record index lies beside its pointer, where that is."""
        layout, known = self._repository.layout, case.known
        file = layout.index_pointer(known.dataset, known.version)
        text = self._repository.text(file)
        if text is None:
            return
        try:
            named = f"md5:{dvc.parse_pointer(text, file=file).md5}"
        except DsvError as error:
            yield Problem(INDEX, file, "unreadable", manifest.digests.index, error.message)
            return
        if named != manifest.digests.index:
            yield Problem(INDEX, file, "mismatch", manifest.digests.index, named)
        directory = layout.absolute(contents.index.path)
        if not os.path.isdir(directory):
            yield Problem(INDEX, contents.index.path, "missing", manifest.digests.index, None)
            return
        if contents.index.files is None:
            return
        for name in sorted({*contents.index.files, *os.listdir(directory)}):
            md5, path = contents.index.files.get(name), contents.index.path_of(name)
            seen = seen_in(os.path.join(directory, name))
            if md5 is None:
                yield Problem(INDEX, path, "unexpected", None, f"md5:{seen.digests.md5}" if seen.digests else None)
            elif (found := difference(seen, md5=md5)) is not None:
                yield Problem(INDEX, path, *found)

    def _in_data(self, case: Case, contents: Contents, path: str) -> Iterator[Problem]:
        """The files are there; with their bytes read, they are those of the version and there are no others."""
        oid, data = contents.data.oid, contents.data
        try:
            files = self.files(case)
            read = self.read(case) if self._depth is Depth.BYTES else {}
        except NoPathError:
            yield Problem(WORK, path, "missing", f"md5:{oid}", None)
            return
        except DsvError as error:
            yield Problem(WORK, path, "unreadable", None, error.message, touched=True)
            return
        if data.files is None:
            return
        is_directory = oid.endswith(".dir")
        wanted = data.files if is_directory else dict.fromkeys([os.path.basename(path)], oid)
        sha256 = contents.sha256 or {}
        untouched = self._untouched(case, files)
        for name in sorted({*wanted, *read}):
            there = f"{path}/{name}" if is_directory else path
            if name not in wanted:
                actual = read[name].digests
                found = "unexpected", None, f"md5:{actual.md5}" if actual else None
                yield Problem(WORK, there, *found, touched=True)
            elif name not in files:
                yield Problem(WORK, there, "missing", f"md5:{wanted[name]}", None, touched=True)
            elif name in read:
                expected = sha256.get(name) if is_directory else next(iter(sha256.values()), None)
                difference_found = difference(read[name], md5=wanted[name], sha256=expected)
                if difference_found is not None:
                    yield Problem(WORK, there, *difference_found, touched=untouched.get(name) != wanted[name])

    def _untouched(self, case: Case, files: Mapping[str, WalkedFile]) -> dict[str, str]:
        """The md5 that each file had when dsv read it last, without those whose size or time of change is another now.

        Whoever edits a file leaves a new time; a time put back is no edit, and ctime moves for less than one.
        """
        seen = scan_cache.load(os.path.join(self._repository.work_state, case.known.dataset), declarations=None)
        before = seen.files if seen else {}
        return {
            name: before[name].md5
            for name, file in files.items()
            if name in before and (before[name].size, before[name].modified_ns) == (file.size, file.modified)
        }


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
