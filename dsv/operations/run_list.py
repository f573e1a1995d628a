"""`dsv run list`: the runs that used versions, as events tell of them, and files that no event was made of yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dsv.model.subject import Subject
from dsv.model.version import Version
from dsv.repository import Repository
from dsv.repository.known.catalog import find, require_dataset
from dsv.repository.known.runs import UseByRun, all_uses
from dsv.repository.running.kept import kept_runs


@dataclass(frozen=True)
class ListedRun:
    """A run with all versions that it used, as far as they are told of here.

    `file` is the record of one that no event tells of.
    """

    uses: Sequence[UseByRun]
    file: str | None = None

    @property
    def told(self) -> UseByRun:
        """One of the uses: each tells of the run as a whole."""
        return self.uses[0]

    @property
    def moment(self) -> str:
        """When it began; where that was not recorded when it ended, or when it was recorded."""
        return self.told.started_at or self.told.finished_at or self.told.at

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "id": self.told.id,
            "status": self.told.status,
            "started_at": self.told.started_at,
            "finished_at": self.told.finished_at,
            "exit_code": self.told.data.get("exit_code"),
            "error": self.told.data.get("error"),
            "datasets": [_used(each) for each in self.uses],
            "model": dict(self.told.model) or None,
            "metrics": dict(self.told.metrics),
            "params": self.told.data.get("params") or {},
            "code": self.told.data.get("code"),
            "at": self.told.at or None,
            "by": self.told.by,
            "file": self.file,
        }


def _used(use: UseByRun) -> dict[str, Any]:
    return {
        "dataset": use.dataset,
        "version": str(use.version),
        "repository": use.repository,
        "digests": use.data.get("digests"),
        "splits": use.data.get("splits") or [],
        "files": use.data.get("files") or [],
    }


@dataclass(frozen=True)
class ListedRuns:
    """Runs, the last first; `total` is how many there are of which these are some."""

    runs: Sequence[ListedRun]
    total: int

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"runs": [each.document() for each in self.runs], "total": self.total}


def run_list(
    repository: Repository,
    *,
    subject: Subject | None = None,
    directory: str,
    limit: int | None = None,
    offset: int = 0,
) -> ListedRuns:
    """All runs, those that used any version of a dataset, or those that used one; at most `limit`, after `offset`.

    Records that lie in the `dsv-runs` of the directory are listed where no event tells of them.
    Errors: NoDatasetError, NoVersionError.
    """
    name, version = _meant(repository, subject)
    runs = _with_files(_by_run(all_uses(repository)), directory=directory)
    found = [run for run in runs if subject is None or any(_fits(use, name, version) for use in run.uses)]
    return _cut(found, limit=limit, offset=offset)


def kept_run_list(
    *, subject: Subject | None = None, directory: str, limit: int | None = None, offset: int = 0
) -> ListedRuns:
    """The same where no repository is: of the files alone, a version being one by its number."""
    from dsv.model.reference import Exact

    reference = subject.reference if subject is not None else None
    version = reference.selector.version if reference and isinstance(reference.selector, Exact) else None
    runs = _with_files([], directory=directory)
    found = [run for run in runs if not reference or any(_fits(use, reference.dataset, version) for use in run.uses)]
    return _cut(found, limit=limit, offset=offset)


def _meant(repository: Repository, subject: Subject | None) -> tuple[str, Version | None]:
    """The dataset by its name today, and the version where one is meant."""
    if subject is None:
        return "", None
    if subject.whole:
        return require_dataset(repository, subject.reference.dataset), None
    known, versions = find(repository, subject.reference)
    return versions.dataset, known.version


def _fits(use: UseByRun, name: str, version: Version | None) -> bool:
    return use.dataset == name and version in (None, use.version)


def _by_run(uses: Iterable[UseByRun]) -> list[ListedRun]:
    """The uses of each run together: those with its id that began when it did."""
    found: dict[tuple[str, str | None], list[UseByRun]] = {}
    for each in uses:
        found.setdefault((each.id, each.started_at), []).append(each)
    return [ListedRun(sorted(each, key=lambda use: use.reference)) for each in found.values()]


def _with_files(runs: Sequence[ListedRun], *, directory: str) -> list[ListedRun]:
    """The runs, and those of files that are none of them; the last first."""
    known = {(each.told.id, each.told.started_at) for each in runs}
    kept = [
        ListedRun(uses, file)
        for file, uses in kept_runs(directory).items()
        if (uses[0].id, uses[0].started_at) not in known
    ]
    ordered = sorted([*runs, *kept], key=lambda run: (run.told.id, run.file or ""))
    return sorted(ordered, key=lambda run: run.moment, reverse=True)


def _cut(runs: Sequence[ListedRun], *, limit: int | None, offset: int) -> ListedRuns:
    return ListedRuns(runs[offset : None if limit is None else offset + limit], len(runs))
