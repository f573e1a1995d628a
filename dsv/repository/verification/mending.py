"""Damage put right: good bytes from another place, checked before they are used, and bad ones kept in quarantine.

Nothing is deleted, and nothing that a person wrote is replaced: a file of the work tree whose stat shows a change is
left alone. History is left alone too: manifests, tags and pointers are what git holds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.adapters import dvc
from dsv.errors import DsvError, NoRemoteError
from dsv.records import sums
from dsv.repository.files import md5_of
from dsv.repository.transfer.quarantine import Quarantine
from dsv.repository.transfer.restore import put_index_into_work_tree
from dsv.repository.transfer.supply import Item, supply
from dsv.repository.verification.verification import CACHE, INDEX, REMOTE, SCORES, WORK, Case, Problem
from dsv.repository.writing.placing import place_files

if TYPE_CHECKING:
    from dsv.repository.repository import Repository
    from dsv.repository.verification.examination import Examination
    from dsv.repository.verification.version_contents import Contents

WORK_TREE, REMADE, CACHE_OBJECTS = "work tree", "data", "cache"
_PLACES_OF_CACHE = frozenset({CACHE, INDEX, SCORES})


@dataclass(frozen=True)
class Mended:
    """What was done about a problem: where good bytes came from, None for nowhere, and where the bad ones are kept."""

    reference: str
    place: str
    path: str
    source: str | None
    kept: str | None

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "ref": self.reference,
            "place": self.place,
            "path": self.path,
            "from": self.source,
            "quarantine": self.kept,
        }


@dataclass(frozen=True)
class Wanted:
    """An object that the cache lacks or has damaged, of which version it is, and its SHA-256 where that is known."""

    case: Case
    contents: Contents
    problem: Problem
    oid: str
    sha256: str | None


class Mending:
    """The repair of what an examination found; the caller holds the lock."""

    def __init__(self, repository: Repository, look: Examination) -> None:
        self._repository, self._look = repository, look
        self._cache = look.held.cache
        self.quarantine = Quarantine(repository)

    def mend(self, found: Sequence[tuple[Case, Sequence[Problem]]]) -> list[Mended]:
        """What could be done about the problems now; that may show others, or make it possible to do more."""
        wanted = list(self._wanted(found))
        done = self._from_here(wanted)
        held = self._look.held
        done += self._from_remotes([each for each in wanted if not held.is_sound(each.oid)])
        for case, problems in found:
            contents = self._look.contents(case)
            if contents is not None:
                done += self._index_in_tree(case, contents, problems)
                done += self._data_in_tree(case, contents, problems)
        return [*done, *self._to_remote(found)]

    def _wanted(self, found: Sequence[tuple[Case, Sequence[Problem]]]) -> Iterator[Wanted]:
        """The objects that are to be replaced, each once."""
        seen = set()
        for case, problems in found:
            contents = self._look.contents(case)
            if contents is None:
                continue
            for problem in problems:
                oid = problem.object
                if (
                    problem.place not in {CACHE, INDEX, SCORES}
                    or oid is None
                    or oid in seen
                    or self._look.held.is_sound(oid)
                ):
                    continue
                seen.add(oid)
                yield Wanted(case, contents, problem, oid, _sha256_of(case, contents, oid))

    def _from_here(self, wanted: Sequence[Wanted]) -> list[Mended]:
        """Objects replaced by what lies in the work tree, or is made again from the data."""
        done: list[Mended] = []
        left = {each.oid: each for each in wanted}
        for source, find in ((WORK_TREE, self._in_work_tree), (REMADE, self._made_again)):
            good = [find(each) for each in left.values()] if left else []
            kept: dict[str, str | None] = {}

            def keep(oids: Sequence[str], into: dict[str, str | None] = kept) -> None:
                into.update((oid, self.quarantine.keep(self._cache.path_of(oid), f"cache/{oid}")) for oid in oids)

            replaced = dvc.replace_objects(self._cache, [each for each in good if each is not None], before=keep)
            self._look.held.forget(replaced)
            for oid in replaced:
                each = left.pop(oid)
                done.append(_mended(each.case, each.problem, source=source, kept=kept[oid]))
        return done

    def _from_remotes(self, wanted: Sequence[Wanted]) -> list[Mended]:
        """Objects brought from whichever remote has them whole; bad ones are taken away in any case.

        A missing object is asked for by dsv and DVC, and a bad one is believed by DVC.
        """
        if not wanted:
            return []
        kept = {each.oid: self.quarantine.take(self._cache.path_of(each.oid), f"cache/{each.oid}") for each in wanted}
        came_from: dict[str, str] = {}
        with suppress(NoRemoteError), supply(self._repository) as source:
            source.bring(Item(each.case.known, each.oid, each.problem.path, each.sha256) for each in wanted)
            came_from = source.came_from
        self._look.held.forget(kept)
        return [
            _mended(
                each.case,
                each.problem,
                source=f"remote {came_from[each.oid]}" if each.oid in came_from else None,
                kept=kept[each.oid],
            )
            for each in wanted
            if each.oid in came_from or kept[each.oid] is not None
        ]

    def _to_remote(self, found: Sequence[tuple[Case, Sequence[Problem]]]) -> list[Mended]:
        """Good objects of the cache on the remote; the list of a directory not before all its files."""
        held = self._look.held
        chosen: dict[str, tuple[Case, Problem]] = {}
        for case, problems in found:
            there = [each for each in problems if each.place == REMOTE and each.object is not None]
            whole = all(held.is_sound(each.object or "") for each in there)
            for each in there:
                oid = each.object or ""
                if held.is_sound(oid) and (whole or not oid.endswith(".dir") or each.kind != "missing"):
                    chosen.setdefault(oid, (case, each))
        sent = self._look.remote.send(chosen, self.quarantine) if chosen else {}
        return [_mended(*chosen[oid], source=CACHE_OBJECTS, kept=kept) for oid, kept in sent.items()]

    def _in_work_tree(self, wanted: Wanted) -> dvc.GoodBytes | None:
        """Bytes for the object in the work tree: a file of the data or the index, or what lists these."""
        case, contents, oid = wanted.case, wanted.contents, wanted.oid
        if wanted.problem.place == INDEX:
            return self._in_directory(self._repository.layout.absolute(contents.index.path), wanted)
        if wanted.problem.place == SCORES:
            placed = self._repository.layout.absolute(wanted.problem.file or "")
            return dvc.GoodBytes(oid, placed) if os.path.isfile(placed) and md5_of(placed) == oid else None
        try:
            read = self._look.tree.read(case)
        except DsvError:
            return None
        md5s = {path: seen.digests.md5 for path, seen in read.items() if seen.digests is not None}
        if oid.endswith(".dir"):
            listing = dvc.directory_object(md5s.items())
            return dvc.GoodBytes(oid, listing.data) if listing.oid == oid else None
        path = next((path for path, md5 in sorted(md5s.items()) if md5 == oid), None)
        if path is None:
            return None
        data = self._repository.layout.absolute(self._look.tree.path_of(case))
        return dvc.GoodBytes(oid, os.path.join(data, path) if os.path.isdir(data) else data, wanted.sha256)

    def _made_again(self, wanted: Wanted) -> dvc.GoodBytes | None:
        """Bytes for an object of the record index, made again from the data."""
        if wanted.problem.place != INDEX:
            return None
        directory = self._look.remade.directory_of(wanted.case, wanted.contents)
        return None if directory is None else self._in_directory(directory, wanted)

    def _in_directory(self, directory: str, wanted: Wanted) -> dvc.GoodBytes | None:
        """Bytes for an object of the index, in a directory that holds one: a file of it, or what lists these."""
        if not os.path.isdir(directory):
            return None
        paths = {name: os.path.join(directory, name) for name in sorted(os.listdir(directory))}
        md5s = {name: md5_of(path) for name, path in paths.items() if os.path.isfile(path)}
        if wanted.oid.endswith(".dir"):
            listing = dvc.directory_object(md5s.items())
            return dvc.GoodBytes(wanted.oid, listing.data) if listing.oid == wanted.oid else None
        name = next((name for name, md5 in md5s.items() if md5 == wanted.oid), None)
        return None if name is None else dvc.GoodBytes(wanted.oid, paths[name], wanted.sha256)

    def _index_in_tree(self, case: Case, contents: Contents, problems: Sequence[Problem]) -> list[Mended]:
        """The record index in the work tree as the cache has it; what was there and should not be is kept."""
        layout = self._repository.layout
        inside = f"{contents.index.path}/"
        bad = [each for each in problems if each.place == INDEX and f"{each.path}/".startswith(inside)]
        bad = [each for each in bad if each.object is None]
        if not bad or case.manifest is None or not self._whole(contents.index.oids):
            return []
        kept = {each.path: self.quarantine.keep(layout.absolute(each.path), each.path) for each in bad}
        put_index_into_work_tree(self._repository, case.known, case.manifest)
        return [_mended(case, each, source=CACHE_OBJECTS, kept=kept[each.path]) for each in bad]

    def _data_in_tree(self, case: Case, contents: Contents, problems: Sequence[Problem]) -> list[Mended]:
        """Files of the data that rotted, which their stat does not show, as the cache has them."""
        bad = [each for each in problems if each.place == WORK and not each.touched and each.kind != "missing"]
        wanted = contents.data.files
        if not bad or wanted is None:
            return []
        path, layout = self._look.tree.path_of(case), self._repository.layout
        is_directory = contents.data.oid.endswith(".dir")
        names = {each.path.removeprefix(f"{path}/") if is_directory else os.path.basename(path): each for each in bad}
        oids = {name: wanted[name] if is_directory else contents.data.oid for name in names}
        names = {name: each for name, each in names.items() if self._look.held.is_sound(oids[name])}
        if not names:
            return []
        kept = {name: self.quarantine.keep(layout.absolute(each.path), each.path) for name, each in names.items()}
        place_files(
            self._repository,
            path,
            {name: oids[name] for name in names},
            current=dict.fromkeys(names, ""),
            is_directory=is_directory,
        )
        self._look.tree.forget()
        return [_mended(case, each, source=CACHE_OBJECTS, kept=kept[name]) for name, each in names.items()]

    def _whole(self, oids: Sequence[str]) -> bool:
        return all(map(self._look.held.is_sound, oids))


def _mended(case: Case, problem: Problem, *, source: str | None, kept: str | None) -> Mended:
    return Mended(case.known.name, problem.place, problem.path, source, kept)


def _sha256_of(case: Case, contents: Contents, oid: str) -> str | None:
    """The SHA-256 of the object, where the version vouches for one."""
    files: Mapping[str, str] = contents.data.files or {}
    name = next((path for path, md5 in files.items() if md5 == oid), None)
    if name is not None and contents.sha256 is not None:
        return contents.sha256.get(name)
    if case.manifest is not None and (contents.index.files or {}).get(sums.FILE_NAME) == oid:
        return case.manifest.digests.tree.removeprefix("sha256:")
    return None
