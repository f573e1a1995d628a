"""What one check looks at: which datasets, under all their names, and since when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dsv.adapters.git.ancestry import cut_off_in, remotes_of
from dsv.adapters.git.clone import is_shallow
from dsv.errors import NoVersionError
from dsv.repository.known.catalog import Versions, all_versions, dataset_names, require_dataset, versions_of

if TYPE_CHECKING:
    from dsv.model.version import Version
    from dsv.repository.repository import Repository

Key = tuple[str, "Version"]
"""A dataset, by the name that a manifest lies under, and a version."""


@dataclass(frozen=True)
class Base:
    """The commit that is held against, as it was given and by its id; `whole` where all since then is here."""

    given: str
    commit: str
    whole: bool

    @property
    def place(self) -> str:
        """What it is called in findings."""
        return f"the base {self.given}"


@dataclass(frozen=True)
class Scope:
    """Datasets by every name that they have or had, none standing for all; `lines` are their versions by these names.

    `declared` are their names today. `only` are datasets with versions, None for what is about the dataset, where no
    other is looked at.
    """

    repository: Repository
    names: Sequence[str]
    lines: Mapping[str, Versions]
    declared: Sequence[str]
    base: Base | None = None
    only: Collection[tuple[str, Version | None]] | None = None

    @property
    def places(self) -> list[str]:
        """The directories below which their own files lie, from git's root."""
        layout = self.repository.layout
        return [layout.in_git(layout.directory(each)) for each in self.names] or [layout.in_git(layout.manifests)]

    @cached_property
    def head(self) -> str | None:
        """The commit that HEAD is at."""
        return self.repository.git.head()

    @cached_property
    def shallow(self) -> bool:
        """Whether the clone has not all of the history."""
        return is_shallow(self.repository.git)

    @property
    def is_whole(self) -> bool:
        """Whether all of the repository is looked at, and not only some datasets or what is staged."""
        return not self.names

    def line_of(self, dataset: str) -> tuple[str, ...]:
        """The names of the dataset that has, or had, this one, today's first."""
        return tuple(self.lines[dataset].names) if dataset in self.lines else (dataset,)


def scope_of(repository: Repository, names: Sequence[str], *, base: str | None) -> Scope:
    """The named datasets, or all; NoDatasetError, and NoVersionError for a base that is not here."""
    present = [require_dataset(repository, name) for name in names]
    lines = lines_of(repository, present)
    declared = present or dataset_names(repository)
    return Scope(repository, list(lines) if names else [], lines, declared, base_of(repository, base))


def lines_of(repository: Repository, datasets: Sequence[str]) -> dict[str, Versions]:
    """The versions of these datasets, of all without any, by each name that they have or had."""
    if datasets:
        chosen = [versions_of(repository, name) for name in datasets]
    else:
        found = all_versions(repository)
        others = (versions_of(repository, name) for name in dataset_names(repository) if name not in found)
        chosen = [*found.values(), *others]
    return {name: versions for versions in chosen for name in versions.names}


def base_of(repository: Repository, given: str | None) -> Base | None:
    """The base; NoVersionError, which says what brings it, where git has no such commit."""
    if given is None:
        return None
    try:
        commit = repository.git.resolve(given)
    except NoVersionError as error:
        raise NoVersionError(error.message, hint=_how_to_have(repository, given) or error.hint) from None
    head = repository.git.head()
    return Base(given, commit, head is None or not cut_off_in(repository.git, head, since=commit))


def _how_to_have(repository: Repository, base: str) -> str:
    """What brings a base that is not here; empty where nothing is known to."""
    remote, _, branch = base.partition("/")
    if branch and remote in remotes_of(repository.git):
        return f"git fetch --depth=1 {remote} {branch}:refs/remotes/{base} brings it; git fetch --unshallow all history"
    if is_shallow(repository.git):
        return "this clone has not all of the history: git fetch --unshallow (fetch-depth: 0 in actions/checkout)"
    return ""
