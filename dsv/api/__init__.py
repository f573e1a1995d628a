"""The Python twin of the command line: the same verbs, the same results, values instead of text.

    import dsv

    repo = dsv.open()
    repo.add("data/leases", key=["doc_id"], summary="First leases")
    print(repo.status("leases").datasets[0].suggested)
    release = repo.bump("leases", summary="Added 2,000 retail leases")
    print(release.version, release.manifest.data.records)

Versions and references are given as text, as on the command line; errors are those of `dsv.errors`, each
with its `code`, `kind`, `message`, `hint` and `details`. Every result has `document()`, which is what `--json` prints.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dsv.api.adding import Adding
from dsv.api.after_release import AfterRelease
from dsv.api.choices import BadRecords, hooks_of, release_options
from dsv.api.elsewhere import Elsewhere
from dsv.api.exporting import Exporting
from dsv.api.finding import Finding
from dsv.api.loading import LoadedVersion, Loading, cache, load
from dsv.api.looking import Looking
from dsv.api.publishing import Publishing
from dsv.api.quality import Quality
from dsv.api.running import Running
from dsv.api.tracing import Tracing
from dsv.api.trust import Trust
from dsv.api.upkeep import Upkeep
from dsv.errors import NothingChangedError
from dsv.model.progress import Progress, Tell, unseen, untold
from dsv.model.release_options import ReleaseOptions

if TYPE_CHECKING:
    from dsv.operations.checkout import CheckedOut
    from dsv.operations.diff import Diff
    from dsv.operations.index import IndexedRecords, IndexReport
    from dsv.operations.init import Initialised
    from dsv.operations.publish import Publication
    from dsv.operations.renumber import Renumbered
    from dsv.operations.show import Shown
    from dsv.operations.status import Status
    from dsv.operations.which import Which
    from dsv.repository.releasing.release import Release

__all__ = ["UNSAID", "LoadedVersion", "Repo", "cache", "init", "load", "open"]

LevelName = Literal["major", "minor", "patch"]

UNSAID: Any = object()
"""Stands for an argument that was not given where None is a value."""


@dataclass(frozen=True)
class Repo(
    Adding, AfterRelease, Elsewhere, Exporting, Finding, Loading, Looking, Publishing, Running, Tracing, Trust, Upkeep
):
    """An open dsv repository. It holds no connection, so there is nothing to close."""

    @property
    def root(self) -> str:
        """The directory that holds .dvc."""
        return self.repository.layout.root

    @property
    def quality(self) -> Quality:
        """Scores of single records."""
        return Quality(self.repository)

    def status(self, *names: str) -> Status:
        """What changed since the last release of the named datasets, of all without a name."""
        from dsv.operations.status import status

        return status(self.repository, *names)

    def bump(
        self,
        name: str,
        *,
        level: LevelName | None = None,
        version: str | None = None,
        pre: str = "",
        summary: str = "",
        tags: Sequence[str] = (),
        metadata: Mapping[str, Any] | None = None,
        sources: Sequence[str] = (),
        notes: Sequence[str] = (),
        produced_by: str = "",
        allow_lower: str = "",
        waive: Mapping[str, str] | None = None,
        on_bad_record: BadRecords = "refuse",
        tag: bool = True,
        verify: bool = True,
        untrack: bool = False,
        dry_run: bool = False,
    ) -> Release:
        """The next version of a dataset. Errors: NothingChangedError, LevelTooLowError, those of `dsv bump`."""
        from dsv.model.facts import Facts
        from dsv.model.numbering import NumberRequest
        from dsv.model.version import Level, Version
        from dsv.operations.bump import bump

        request = NumberRequest(
            level=Level.parse(level) if level else None,
            version=None if version is None else Version.parse(version),
            pre=pre,
            allow_lower=allow_lower,
        )
        facts = Facts(summary, tuple(tags), dict(metadata or {}), tuple(sources), produced_by, dict(waive or {}), notes)
        done = bump(
            self.repository,
            name,
            request=request,
            facts=facts,
            options=release_options(on_bad_record, tag=tag, untrack=untrack, verify=verify, dry_run=dry_run),
        )
        return done.releases[0]

    def renumber(self, *names: str, dry_run: bool = False) -> Renumbered:
        """What is released here and nowhere else of the datasets under the next numbers, where others took theirs.

        Errors: NothingChangedError where none is taken, those of `dsv bump --renumber`.
        """
        from dsv.model.release_options import ReleaseOptions
        from dsv.operations.renumber import renumber

        return renumber(self.repository, *names, options=ReleaseOptions(dry_run=dry_run))

    def bump_if_changed(self, name: str, **options: Any) -> Release | None:
        """As `bump`, and None when there is nothing to release."""
        try:
            return self.bump(name, **options)
        except NothingChangedError:
            return None

    def diff(
        self, old: str, new: str = "", *, examples: int = 0, where: Sequence[str] = (), statistics: bool = False
    ) -> Diff:
        """What differs between two references; a second one may leave out the name, without one it is the work tree.

        `where` restricts counts of records and examples, as in `split=test` and `file=part-*.jsonl`. `statistics` asks
        for those of the fields' values. The result has `markdown()` and `html()`.
        """
        from dsv.model.reference import parse_reference
        from dsv.model.where import parse_where
        from dsv.operations.diff import diff

        left = parse_reference(old)
        right = parse_reference(new, default_dataset=left.subject) if new else None
        return diff(self.repository, left, right, examples=examples, where=parse_where(where), statistics=statistics)

    def show(self, reference: str) -> Shown:
        """The manifest of a version, and what became of it."""
        from dsv.model.reference import parse_reference
        from dsv.operations.show import show

        return show(self.repository, parse_reference(reference))

    def checkout(self, reference: str, *, to: str | None = None, force: bool = False) -> CheckedOut:
        """The data of a version in the work tree, or in the directory `to`."""
        from dsv.model.reference import parse_reference
        from dsv.operations.checkout import checkout

        return checkout(self.repository, parse_reference(reference), to=to, force=force)

    def rollback(
        self,
        name: str,
        version: str,
        *,
        summary: str = "",
        waive: Mapping[str, str] | None = None,
        tag: bool = True,
        verify: bool = True,
        dry_run: bool = False,
    ) -> Release:
        """An old version's data, released as the next version."""
        from dsv.model.version import Version
        from dsv.operations.rollback import rollback

        return rollback(
            self.repository,
            name,
            Version.parse(version.removeprefix("v")),
            summary=summary,
            waived=dict(waive or {}),
            options=ReleaseOptions(tag, dry_run, hooks=hooks_of(verify)),
        )

    def which(
        self,
        *names: str,
        record: Any = UNSAID,
        file: str | None = None,
        id: str | None = None,  # noqa: A002 - the option's name
        text: str | None = None,
        sha256: str | None = None,
        limit: int | None = None,
    ) -> Which:
        """The versions that hold a record, the records of a file, a key, a string or a data file; `.found` if any.

        Give one of them; `record` is the value, not its JSON text. Only record indexes that are here are searched,
        `.unsearched` names the versions of the others. Of each version the first `limit` places are listed, else 100.
        """
        from dsv.errors import UsageError
        from dsv.operations.which import PLACES, By, which

        given = {By.VALUE: record, By.FILE: file, By.ID: id, By.TEXT: text, By.SHA256: sha256}
        nothing = {By.VALUE: UNSAID}
        asked = [(by, subject) for by, subject in given.items() if subject is not nothing.get(by)]
        if len(asked) != 1:
            raise UsageError("which looks for one thing at a time", hint="give one of record, file, id, text, sha256")
        [(by, subject)] = asked
        return which(self.repository, by, subject, names=names, limit=limit or PLACES)

    def index_status(self) -> IndexReport:
        """Where the search index lies, what it holds, and whether git has moved since."""
        from dsv.operations.index import index_status

        return index_status(self.repository)

    def index_records(self, *references: str) -> IndexedRecords:
        """The record indexes of versions, made where they are not here from data in the cache or on the remote."""
        from dsv.model.reference import parse_reference
        from dsv.operations.index import index_records

        return index_records(self.repository, *(parse_reference(each) for each in references))

    def index_publish(self, target: str, *, schema: str | None = None, replace: bool = False) -> Publication:
        """The index put where others can query it: `postgresql://USER@HOST/DATABASE`, or a file that Datasette serves.

        `replace` also where another repository published before. Errors: ConflictError, CredentialsError, NetworkError,
        UnsupportedError and others of `dsv.operations.publish`.
        """
        from dsv.operations.publish import Replacing, index_publish

        replacing = Replacing.ANY if replace else Replacing.OWN
        return index_publish(self.repository, target, schema=schema, replacing=replacing)

    def index_rebuild(self) -> IndexReport:
        """The search index made anew from git's history."""
        from dsv.operations.index import index_rebuild

        return index_rebuild(self.repository)


def open(  # noqa: A001 - dsv.open
    path: str | os.PathLike[str] = ".", *, tell: Tell = untold, progress: Progress = unseen, executor: str = "local"
) -> Repo:
    """The repository that the path lies in, or the one at a URL, which can only be read. Errors: NoRepositoryError.

    `tell` hears one-line messages on the way, `progress` how far long work is. `executor` says who reads files:
    `serial`, `local`, `local:N` or `dask://HOST:PORT`.
    """
    from dsv.model.executor import Executor
    from dsv.repository import open_repository

    by, path = Executor.parse(executor), os.fspath(path)
    if ":" in path:
        from dsv.repository.elsewhere.clones import History
        from dsv.repository.elsewhere.visited import is_address
        from dsv.repository.obtaining.indexes import visit_to_compare
        from dsv.repository.repository import LOCK_TIMEOUT_SECONDS

        if is_address(path):
            opened = visit_to_compare(
                path,
                history=History.WHOLE,
                lock_timeout=LOCK_TIMEOUT_SECONDS,
                tell=tell,
                progress=progress,
                executor=by,
            )
            return Repo(opened)
    return Repo(open_repository(path, tell=tell, progress=progress, executor=by))


def init(
    path: str = ".",
    *,
    git: bool = False,
    ci: Literal["github"] | None = None,
    manifests: str | None = None,
    commit: bool = True,
    merge_driver: bool = False,
    hooks: bool = False,
    verify: bool = True,
) -> Initialised:
    """Make the directory's git repository ready for datasets; complete one that lacks something.

    `hooks` installs a pre-commit hook that runs `dsv check --staged`. Without `verify`, the hooks pre-commit and
    commit-msg do not see the commit.
    """
    from dsv.operations.init import Ci
    from dsv.operations.init import init as operation

    return operation(
        path,
        make_git=git,
        ci=Ci(ci) if ci else None,
        manifests=manifests,
        commit=commit,
        merge_driver=merge_driver,
        install=hooks,
        hooks=hooks_of(verify),
    )
