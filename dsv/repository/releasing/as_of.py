"""A repository as it would be at another commit: texts from there, and versions as its tree and given tags tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsv.adapters.git import Git
from dsv.adapters.git.as_of import GitAsOf
from dsv.model.progress import untold

if TYPE_CHECKING:
    from dsv.repository.layout import Layout
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class TextsAt(Mapping[str, bytes]):
    """The files of a commit by their path from the DVC root, each read when it is asked for."""

    git: Git
    commit: str
    layout: Layout

    def __getitem__(self, path: str) -> bytes:
        """The content of a file; KeyError where the commit has none."""
        name = f"{self.commit}:{self.layout.in_git(path)}"
        return self.git.blobs([name])[name]

    def __iter__(self) -> Iterator[str]:
        """The paths of all files."""
        return map(self.layout.from_git, self.git.tree(self.commit, self.layout.in_git("") or "."))

    def __len__(self) -> int:
        """How many files there are."""
        return sum(1 for _ in self)


def as_of(repository: Repository, commit: str, *, tags: Mapping[str, str | None]) -> Repository:
    """The repository as if HEAD were at the commit and these tags, by name, were those objects (None: not there).

    Nothing is to be written through it. What is found on the way is not told a second time.
    """
    git = GitAsOf.of(repository.git, commit, tags=tags)
    return replace(repository, git=git, staged=TextsAt(git, commit, repository.layout), tell=untold)
