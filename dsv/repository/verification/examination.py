"""Versions looked at in every place that verify knows, each thing once; what was put right is looked at again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.model.executor import LOCAL, Place
from dsv.repository.known.catalog import versions_of
from dsv.repository.scoring.score_files import score_pointers
from dsv.repository.verification.cache_places import in_cache
from dsv.repository.verification.held_objects import HeldObjects
from dsv.repository.verification.remade_indexes import RemadeIndexes
from dsv.repository.verification.remote_places import RemotePlace
from dsv.repository.verification.tree_places import WorkTree
from dsv.repository.verification.verification import Case, Depth, Local, Problem
from dsv.repository.verification.verification import Place as Look
from dsv.repository.verification.version_contents import Contents, Listed, Read, contents_of

if TYPE_CHECKING:
    from dsv.repository.known.catalog import KnownVersion
    from dsv.repository.repository import Repository


class Examination:
    """What was found so far of the cache and the work tree, and how more is found."""

    def __init__(
        self,
        repository: Repository,
        *,
        places: Sequence[Look],
        depth: Depth,
        remote: str | None = None,
        local: Local = Local.LOOKED_AT,
    ) -> None:
        if repository.executor.place is Place.DASK:  # which might look at a cache of its own
            repository = replace(repository, executor=LOCAL)
        self.held = HeldObjects(repository)
        self.tree = WorkTree(repository, self.held, depth=depth)
        self.remade = RemadeIndexes(repository, self.held)
        self._repository, self._places, self._depth = repository, places, depth
        self._name, self._local = remote, local
        self._remote: RemotePlace | None = None
        self._stack = ExitStack()
        self._scores: dict[str, tuple[str, tuple[Listed, ...]]] = {}
        if remote is not None:
            dvc.remotes_in_order(repository.layout.root, remote)  # a name that there is not is said now

    def problems(self, cases: Sequence[Case]) -> list[list[Problem]]:
        """What is wrong with each of the versions."""
        found = [[problem for look in self._places for problem in look(case)] for case in cases]
        if self._local is Local.LOOKED_AT:
            self._look_here(cases, found)
        # What follows starts threads, after which no process can be forked to read files here.
        for number, case in enumerate(cases if self._name is not None else ()):
            contents = self.contents(case, read=self.remote.reader(self.held.content))
            if contents is not None:
                found[number] += self.remote.problems(case, contents)
        return found

    def _look_here(self, cases: Sequence[Case], found: Sequence[list[Problem]]) -> None:
        """What is wrong in the cache, in indexes made again from it, and in the work tree."""
        numbers = {id(case): number for number, case in enumerate(cases)}
        # By their order, so that of the data of each only what is new is read.
        for case in sorted(cases, key=lambda case: (case.known.dataset, case.known.version)):
            contents = self.contents(case)
            if contents is not None:
                from_data = list(self.remade.problems(case, contents)) if self._depth is Depth.BYTES else []
                found[numbers[id(case)]] += [*in_cache(case, contents, self.held), *from_data]
        self.remade.close()  # which gives memory back, of which each process that reads the work tree has a copy
        for case in cases:
            contents = self.contents(case)
            if contents is not None:
                found[numbers[id(case)]] += self.tree.problems(case, contents)

    @property
    def remote(self) -> RemotePlace:
        """The remote that is looked at, opened when it is first needed. Errors: those of one that does not answer."""
        if self._remote is None:
            opened = self._stack.enter_context(dvc.remote(self.held.cache, self._name or ""))
            opened.reach()
            self._remote = RemotePlace(self._repository, opened, self.held, depth=self._depth)
        return self._remote

    def contents(self, case: Case, *, read: Read | None = None) -> Contents | None:
        """What the version consists of, as the cache's lists say; None where its manifest does not read."""
        if case.manifest is None:
            return None
        index_path = self._repository.layout.index_directory(case.known.dataset, case.known.version)
        found = contents_of(case.manifest, index_path=index_path, read=read or self.held.content)
        return replace(found, scores=self._scores_with(case.known))

    def _scores_with(self, known: KnownVersion) -> tuple[Listed, ...]:
        """The files of scores of the version's dataset, where it is the newest in HEAD's tree."""
        if known.dataset not in self._scores:
            versions = versions_of(self._repository, known.dataset)
            newest = next((each.name for each in reversed(versions.known) if each.in_head), "")
            pointers = score_pointers(self._repository, versions.names)
            listed = tuple(Listed(each.oid, each.path, {os.path.basename(each.path): each.oid}) for each in pointers)
            self._scores.update(dict.fromkeys(versions.names, (newest, listed)))
        newest, listed = self._scores.get(known.dataset, ("", ()))
        return listed if known.name == newest else ()

    def close(self) -> None:
        """What was made on the disk is gone, and the remote left."""
        self.remade.close()
        self._stack.close()
