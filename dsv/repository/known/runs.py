"""Which runs used which versions, as the index holds what events tell."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.model.source import located
from dsv.model.version import Version
from dsv.repository.known.search_index import ask

if TYPE_CHECKING:
    from dsv.adapters.index.graph import RunRow
    from dsv.repository.repository import Repository

_RUN_FILE = re.compile(r".*-run-[^/]*\.yaml")

Key = tuple[str, str, Version]
"""A version: its repository ("" is this one), its dataset by the name of today or of its release, its number."""


@dataclass(frozen=True)
class UseByRun:
    """A run that used a version: its id, when and by whom that was recorded, and what was.

    `dataset` is the dataset's name today, `repository` the name under which the one that tells of the run was added,
    "" for this one.
    """

    id: str
    dataset: str
    version: Version
    at: str
    by: str | None
    data: Mapping[str, Any]
    repository: str = ""

    @property
    def reference(self) -> str:
        """`NAME@X.Y.Z`, with `REPOSITORY::` before it where that is another one."""
        return located(f"{self.dataset}@{self.version}", self.repository)

    @property
    def started_at(self) -> str | None:
        """When the run began, in UTC; None where that was not recorded."""
        return self._text("started_at")

    @property
    def finished_at(self) -> str | None:
        """When it ended."""
        return self._text("finished_at")

    @property
    def status(self) -> str | None:
        """How it ended: finished, failed or interrupted; None where that was not recorded."""
        return self._text("status")

    @property
    def model(self) -> Mapping[str, Any]:
        """The model that came of it: its path and, where its bytes were read, their SHA-256; empty without one."""
        told = self.data.get("model")
        return {"path": told} if isinstance(told, str) else self._mapping("model")

    @property
    def metrics(self) -> Mapping[str, Any]:
        """What was measured."""
        return self._mapping("metrics")

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "id": self.id,
            "dataset": self.dataset,
            "version": str(self.version),
            "repository": self.repository,
            "at": self.at,
            "by": self.by,
            "data": dict(self.data),
        }

    def _text(self, key: str) -> str | None:
        told = self.data.get(key)
        return told if isinstance(told, str) else None

    def _mapping(self, key: str) -> Mapping[str, Any]:
        told = self.data.get(key)
        return told if isinstance(told, dict) else {}


def all_uses(repository: Repository) -> list[UseByRun]:
    """Every use of a version by a run that is told of here or in the repositories that were added: the last first."""
    rows = ask(repository, lambda index: index.runs())
    _tell_of_unreadable(repository, rows, [repository.layout.manifests])
    return list(map(_use, rows))


def uses_of(repository: Repository, versions: Collection[Key]) -> list[UseByRun]:
    """The same of these versions alone."""
    if not versions:
        return []
    wanted = frozenset(versions)
    rows = ask(repository, lambda index: index.runs())
    own = sorted({dataset for place, dataset, _ in wanted if not place})
    _tell_of_unreadable(repository, rows, [repository.layout.events(name) for name in own])
    return [
        _use(row)
        for row in rows
        if any((row.repository, name, Version.parse(row.version)) in wanted for name in (row.dataset, row.released_as))
    ]


def _use(row: RunRow) -> UseByRun:
    version = Version.parse(row.version)
    return UseByRun(row.run, row.dataset, version, row.at, row.by, json.loads(row.data), row.repository)


def _tell_of_unreadable(repository: Repository, rows: Iterable[RunRow], directories: Collection[str]) -> None:
    """An event of HEAD's tree that by its name is of a run and from which none can be read is told of."""
    git, layout = repository.git, repository.layout
    head = git.head()
    if head is None or not directories:
        return
    read = {row.path for row in rows if not row.repository}
    for path in git.tree(head, *(layout.in_git(each) for each in directories)):
        if _RUN_FILE.fullmatch(path) and path not in read and layout.parse_event_path(layout.from_git(path)):
            repository.tell(f"{layout.from_git(path)} is no event of a run that can be read, and is left out")
