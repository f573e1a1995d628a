"""A run recorded: as events in the repositories of the datasets that it used, or in a file where none is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.errors import ConflictError, DsvError, ExistsError, MismatchError, NoVersionError
from dsv.model.run import Run, Use, UsedVersion, together
from dsv.model.standing import Happening
from dsv.repository.access import exclusively, find_repository, open_repository
from dsv.repository.elsewhere.added import address_of, is_ours
from dsv.repository.known.catalog import KnownVersion, Versions, read_manifest, require_dataset, versions_of
from dsv.repository.known.events import new_event
from dsv.repository.known.runs import uses_of
from dsv.repository.known.search_index import remember_written
from dsv.repository.running.kept import keep_run
from dsv.repository.writing.transaction import Writing, perform

if TYPE_CHECKING:
    from dsv.model.progress import Tell
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class RecordedRun:
    """A run, and where it is recorded: as events in one commit a repository, by file; and in a file of its own."""

    run: Run
    events: Sequence[str] = ()
    commits: Sequence[str] = ()
    file: str | None = None

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        from dsv.model.documents import plain

        told = plain(self.run)
        del told["schema"]
        return {**told, "events": list(self.events), "commits": list(self.commits), "file": self.file}


def record_run(run: Run, uses: Sequence[Use], *, directory: str, to: str | None = None, tell: Tell) -> RecordedRun:
    """The run with these uses, recorded where they were read, or in the clone of their repository around the directory.

    What no such clone takes, and with `to` everything, goes into a file: the one that `to` names, else one of its own
    in `dsv-runs`, in the git repository that the directory lies in. A clone that refuses is told of.
    Errors: those of the file.
    """
    run = run.model_copy(update={"datasets": together(each.version for each in uses)})
    events, commits, kept = list[str](), list[str](), list[UsedVersion]()
    homes = [(each.root or _clone_around(directory, each.version), each.version) for each in uses]
    for root in sorted({home for home, _ in homes}):
        mine = together(version for home, version in homes if home == root)
        if to is not None or not root:
            kept += mine
            continue
        try:
            repository = open_repository(root, tell=tell)
            if repository.git.branch() is None:
                raise ConflictError("HEAD is on no branch, so the commit would be lost")
            recorded = record_events(repository, run, mine)
            events += recorded.events
            commits += recorded.commits
        except (DsvError, OSError) as error:
            said = error.message if isinstance(error, DsvError) else str(error)
            tell(f"{root} does not take the record of {run.id}: {said}")
            kept += mine
    file = keep_run(run, kept, directory=directory, to=to) if kept else None
    return RecordedRun(run, events, commits, file)


def _clone_around(directory: str, used: UsedVersion) -> str:
    """The DVC root of the clone that the directory lies in, where it is one of the version's repository; else ""."""
    if not used.repository:
        return ""
    try:
        repository = find_repository(directory)
        if not is_ours(repository, address_of(used.repository, directory=directory)):
            return ""
        return repository.with_root(used.root or "").layout.root
    except DsvError:
        return ""


def record_events(repository: Repository, run: Run, uses: Sequence[UsedVersion]) -> RecordedRun:
    """The run as events of a repository, one for each of these versions that it used, in one commit.

    Errors: NoDatasetError and NoVersionError for what is not here, MismatchError where a version has other data than
    was used; ExistsError when all of it is recorded already.
    """
    with exclusively(repository, f"record of run {run.id}"):
        # gather
        repository.git.refuse_busy()
        repository.git.identity()
        found = [(each, *_known(repository, each)) for each in uses]
        # decide
        keys = [("", versions.dataset, known.version) for _, versions, known in found]
        told = {
            (each.dataset, each.version)
            for each in uses_of(repository, keys)
            if (each.id, each.started_at) == (run.id, run.started_at)
        }
        new = [each for each in found if (each[1].dataset, each[2].version) not in told]
        if not new:
            names = ", ".join(each.reference for each in uses)
            raise ExistsError(f"the run {run.id} of {names} is recorded already", hint="another run has another --id")
        # record
        contents = {}
        for used, versions, known in new:
            event, content = new_event(
                repository,
                Happening.RUN,
                dataset=versions.dataset,
                version=known.version,
                reason="",
                standing=versions.standing,
                data=run.event_data(used),
            )
            contents[f"{repository.layout.events(versions.dataset)}/{event.file}"] = content
        subjects = [f"{versions.dataset}@{known.version}" for _, versions, known in new]
        message = f"Run {run.id} used {', '.join(subjects)}\n\n"
        message += "".join(f"Dsv-Event: run {each}\n" for each in subjects)
        commit = perform(repository, Writing(f"record of run {run.id}", message, own=contents))
        remember_written(repository, events=contents.values())
        return RecordedRun(run, list(contents), [commit])


def _known(repository: Repository, used: UsedVersion) -> tuple[Versions, KnownVersion]:
    """The version that was used, held against what the run says of its data."""
    versions = versions_of(repository, require_dataset(repository, used.name))
    known = versions.get(used.version)
    if known is None:
        raise NoVersionError(f"there is no {used.reference} here", hint="git fetch --tags brings what others released")
    tree = read_manifest(repository, known).digests.tree
    if tree != used.digests.tree:
        raise MismatchError(
            f"{used.reference} has the tree digest {tree[:19]} here, and the run used {used.digests.tree[:19]}",
            hint="another repository has a dataset of the same name; record the run there",
        )
    return versions, known
