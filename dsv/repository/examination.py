"""Versions looked at in every place that verify knows, each thing once; what was put right is looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dsv.repository.cache_places import in_cache
from dsv.repository.held_objects import HeldObjects
from dsv.repository.remade_indexes import RemadeIndexes
from dsv.repository.tree_places import WorkTree
from dsv.repository.verification import Case, Depth, Place, Problem
from dsv.repository.version_contents import Contents, contents_of

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


class Examination:
    """What was found so far of the cache and the work tree, and how more is found."""

    def __init__(self, repository: Repository, *, places: Sequence[Place], depth: Depth) -> None:
        self.held = HeldObjects(repository)
        self.tree = WorkTree(repository, self.held, depth=depth)
        self.remade = RemadeIndexes(repository, self.held)
        self._repository, self._places, self._depth = repository, places, depth

    def problems(self, cases: Sequence[Case]) -> list[list[Problem]]:
        """What is wrong with each of the versions."""
        found = [[problem for look in self._places for problem in look(case)] for case in cases]
        numbers = {id(case): number for number, case in enumerate(cases)}
        # By their order, so that of the data of each only what is new is read.
        for case in sorted(cases, key=lambda case: (case.known.dataset, case.known.version)):
            contents = self.contents(case)
            if contents is not None:
                from_data = list(self.remade.problems(case, contents)) if self._depth is Depth.BYTES else []
                here = [*in_cache(case, contents, self.held), *from_data, *self.tree.problems(case, contents)]
                found[numbers[id(case)]] += here
        return found

    def contents(self, case: Case) -> Contents | None:
        """What the version consists of, as the cache's lists say; None where its manifest does not read."""
        if case.manifest is None:
            return None
        index_path = self._repository.layout.index_directory(case.known.dataset, case.known.version)
        return contents_of(case.manifest, index_path=index_path, read=self.held.content)

    def close(self) -> None:
        """What was made on the disk is gone."""
        self.remade.close()
