"""From a decided version to a released one: its manifest, its objects, its commit and its tag."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dsv.adapters import dvc
from dsv.adapters.executor import beside
from dsv.adapters.git.past import PastCommit
from dsv.adapters.git.transaction import SharedEdit
from dsv.errors import GateError, UnsupportedFileError, UsageError
from dsv.model.change import Change
from dsv.model.documents import plain
from dsv.model.facts import Facts
from dsv.model.manifest import Manifest, dump_manifest
from dsv.model.portability import place_warnings, portability_warnings
from dsv.model.progress import summed
from dsv.model.release_options import ReleaseOptions, Tracked
from dsv.model.version import Level, Version
from dsv.repository.comparing.explanation import Explanation, explanation_document
from dsv.repository.declared.places import tracked_files
from dsv.repository.declared.pointers import check_made_by_stage, own_pointer, with_stage_of
from dsv.repository.declared.record_schemas import schema_place
from dsv.repository.known.catalog import versions_of
from dsv.repository.known.search_index import remember_written
from dsv.repository.layout import ARTIFACTS
from dsv.repository.merging.merge_driver import ATTRIBUTES, attributes_with, is_in_use
from dsv.repository.releasing.composition import compose_manifest
from dsv.repository.releasing.decision import Decision
from dsv.repository.releasing.gates import Gates, pass_gates
from dsv.repository.releasing.sources import check_sources
from dsv.repository.scoring.summaries import as_checks_see, scores_of_snapshot
from dsv.repository.writing.transaction import Writing, contents_after, perform

if TYPE_CHECKING:
    from dsv.repository.contents.snapshot import Snapshot
    from dsv.repository.repository import Repository

_WORTH_TELLING_DVC_BYTES = 256 << 20


@dataclass(frozen=True)
class Release:
    """A released version, or in a dry run the one that would be; `past` is the commit that had its data already.

    `was` is the number that it had before, where it was renumbered. `gates` are its checks, none of which stopped it.
    """

    dataset: str
    version: Version
    level: Level
    reasons: Sequence[str]
    change: Change
    manifest: Manifest
    git_tag: str | None
    commit: str | None
    dry_run: bool = False
    explanation: Sequence[Explanation] = ()
    past: PastCommit | None = None
    was: Version | None = None
    gates: Gates = field(default_factory=Gates)

    def instead_of(self, version: Version) -> Release:
        """The same, in place of a release with this number."""
        return replace(self, was=version)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        document = {
            "dataset": self.dataset,
            "version": str(self.version),
            "git_tag": self.git_tag,
            "commit": self.commit,
            "level": self.level.word,
            "reasons": list(self.reasons),
            "manifest": plain(self.manifest),
            "dry_run": self.dry_run,
        }
        past = {"past_commit": self.past.id} if self.past else {}
        was = {"was": str(self.was)} if self.was else {}
        checks = {"checks": [each.document() for each in self.gates.outcomes]} if self.gates.outcomes else {}
        return {**document, **checks, **was, **past, **explanation_document(self.explanation)}


@dataclass(frozen=True)
class Plan:
    """A release of which all is known, and that nothing refuses any more: what it says and what it writes."""

    decision: Decision
    manifest: Manifest
    writing: Writing
    gates: Gates

    def made(self, commit: str | None, options: ReleaseOptions) -> Release:
        """The release when its commit is made, None in a dry run."""
        decision = self.decision
        return Release(
            dataset=decision.settings.name,
            version=decision.number.version,
            level=decision.number.level,
            reasons=decision.verdict.reasons,
            change=decision.change,
            manifest=self.manifest,
            git_tag=next(iter(self.writing.tags), None),
            commit=commit,
            dry_run=options.dry_run,
            past=decision.past,
            gates=self.gates,
        )


def release(
    repository: Repository,
    decision: Decision,
    facts: Facts,
    *,
    options: ReleaseOptions,
    place_data: Callable[[], object] | None = None,
) -> Release:
    """The version, released; in a dry run only computed. The caller holds the lock.

    `place_data` brings the data into the work tree where it is not there yet, as a last step.
    Errors: those of a refused place, of git and DVC; after any of them nothing is half done.
    """
    return carry_out(
        repository, plan_release(repository, decision, facts, options=options), options, place_data=place_data
    )


def plan_release(repository: Repository, decision: Decision, facts: Facts, *, options: ReleaseOptions) -> Plan:
    """The release, ready to be carried out; what refuses it is found here, with nothing written."""
    settings, snapshot = decision.settings, decision.snapshot
    files = [file.path for file in snapshot.files]
    for warning in (*place_warnings(settings.path), *portability_warnings(files)):
        repository.tell(warning)
    if decision.made_by is not None and not decision.lock_from:
        check_made_by_stage(repository, decision.made_by, snapshot)
    scorers = scores_of_snapshot(repository, snapshot, settings)
    gates = pass_gates(repository, decision, facts, scores=as_checks_see(scorers))
    manifest = compose_manifest(repository, decision, facts, gates=gates, scorers=scorers)
    writing = _writing(repository, decision, manifest, options=options)
    contents_after(repository, writing)
    _refuse_hidden(repository, snapshot)
    return Plan(decision, manifest, writing, gates)


def carry_out(
    repository: Repository, plan: Plan, options: ReleaseOptions, *, place_data: Callable[[], object] | None = None
) -> Release:
    """The release, made: objects first, so that whatever git names is there. Nothing happens in a dry run."""
    if options.dry_run:
        return plan.made(None, options)
    decision = plan.decision
    name = f"{decision.settings.name}@{decision.number.version}"
    writing = replace(plan.writing, data=name if place_data else None)
    with _telling_dvc(repository, decision.snapshot):
        store(repository, decision.snapshot)
        commit = perform(repository, writing, place_data=place_data)
    remember_written(repository, manifests=[dump_manifest(plan.manifest)])
    if count := len(writing.forgotten):
        files = f"{count:,} file{'s' if count > 1 else ''} of {decision.settings.path}"
        repository.tell(f"git tracks {files} no more; its history still holds what was committed of them")
    return plan.made(commit, options)


@contextmanager
def keeping_copies(repository: Repository, options: ReleaseOptions) -> Iterator[dvc.Staging | None]:
    """Where the scan of data that is about to be released puts copies of it, so that it is read once."""
    if options.dry_run:
        yield None
        return
    with dvc.staging(dvc.find_cache(repository.layout.root)) as staging:
        yield staging


def check_facts(repository: Repository, facts: Facts) -> None:
    """Refuse words that the project's settings do not allow, and sources that are none, before anything long begins."""
    kind, colon, run = facts.produced_by.partition(":")
    if facts.produced_by and not (colon and kind.strip() and run.strip()):
        raise UsageError(f"--produced-by {facts.produced_by!a} is not KIND:ID", hint="for instance backtest:test_001")
    check_sources(repository, facts)
    project = repository.settings()
    if project.release.require_summary and not facts.summary:
        raise GateError("this project wants a summary for each version", hint='give one with -m "..."')
    allowed = project.vocabulary.tags
    for word in facts.tags:
        if allowed and word not in allowed:
            raise GateError(f"tag {word!a} is not in the project's vocabulary", hint=f"one of {', '.join(allowed)}")


def tags_now(repository: Repository, options: ReleaseOptions) -> bool:
    """Whether a release is tagged at once: not with --no-tag, and not where the project tags on merge."""
    return options.tag and repository.settings().release.tag == "now"


def _writing(repository: Repository, decision: Decision, manifest: Manifest, *, options: ReleaseOptions) -> Writing:
    """What the release writes.

    Of the output of a stage dvc.lock is the pointer. It is committed already, or is to have the stage as it was then.
    """
    layout, settings, snapshot = repository.layout, decision.settings, decision.snapshot
    version = decision.number.version
    folder, _, name = settings.path.rpartition("/")
    own: dict[str, bytes | None] = {
        path: None
        for path in _earlier_pointers(repository, settings.name)
        if path != layout.index_pointer(settings.name, version)
    }
    own[layout.dataset_file(settings.name)] = decision.declaration
    schema = schema_place(repository, settings)
    if schema is not None and (schema_text := repository.text(schema)) is not None:
        own[schema] = schema_text
    own[layout.manifest_file(settings.name, version)] = dump_manifest(manifest)
    own[layout.index_pointer(settings.name, version)] = _index_pointer_head(
        settings.name, version
    ) + dvc.render_pointer(
        dvc.Pointer(
            md5=snapshot.index_object.oid,
            size=sum(state.size for state in snapshot.index_states()),
            nfiles=len(snapshot.index_states()),
            path=layout.index_output(version),
        )
    )
    if decision.made_by is None:
        own[layout.data_pointer(settings.path)] = own_pointer(repository, settings.path, snapshot.pointer(name))
    artifact = dvc.Artifact(path=settings.path, type="dataset", desc=settings.description)
    shared: dict[str, SharedEdit] = {ARTIFACTS: lambda text: dvc.artifacts_with(text, settings.name, artifact=artifact)}
    if decision.made_by is None or not repository.git.ignored(layout.in_git(settings.path)):
        shared[f"{folder}/.gitignore".lstrip("/")] = lambda text: dvc.gitignore_with(text, name)
    if decision.made_by is None and is_in_use(repository):
        shared[ATTRIBUTES] = lambda text: attributes_with(text, [layout.data_pointer(settings.path)])
    if decision.made_by is not None and decision.lock_from:
        shared[decision.made_by.lock] = with_stage_of(repository, decision.made_by, decision.lock_from)
    subject = repository.settings().release.commit_message.format(
        dataset=settings.name, version=version, summary=manifest.summary.splitlines()[0]
    )
    body = "\n".join(manifest.summary.splitlines()[1:]).strip()
    trailer = f"Dsv-Version: {settings.name}@{version}"
    return Writing(
        operation=f"release of {settings.name} {version}",
        message="\n\n".join(part for part in (subject.strip(), body, trailer) if part) + "\n",
        own=own,
        shared=shared,
        tags={layout.tag(settings.name, version): tag_message(manifest)} if tags_now(repository, options) else {},
        directories={layout.index_directory(settings.name, version): snapshot.index_directory},
        hooks=options.hooks,
        author=decision.made.author if decision.made else None,
        forgotten=tracked_files(repository, settings.path) if options.tracked is Tracked.UNTRACK else (),
    )


def _index_pointer_head(dataset: str, version: Version) -> bytes:
    """Lines that make the pointer unlike that of any other version.

    git would take one for the other renamed, and two branches that released would not merge.
    """
    return f"""\
# {dataset} {version}: the record index of this version of the data,
# {dataset} {version}: which dsv needs in order to compare others with it
""".encode()


def tag_message(manifest: Manifest) -> str:
    """What the release tag of the version says."""
    return f"{manifest.summary}\n\nDsv-Tree: {manifest.digests.tree}\n"


def _refuse_hidden(repository: Repository, snapshot: Snapshot) -> None:
    """UnsupportedFileError for files that DVC would leave out."""
    hidden = dvc.dvcignored(repository.layout.root, snapshot.paths_from_root())
    if hidden:
        raise UnsupportedFileError(
            f"a .dvcignore rule hides {hidden[0]!a} from DVC"
            + (f" (and {len(hidden) - 1} more)" if hidden[1:] else ""),
            hint="change the rule, or move the file out of the dataset",
            details={"count": len(hidden), "files": hidden[:10]},
        )


def store(repository: Repository, snapshot: Snapshot) -> None:
    """Data and record index as objects in DVC's cache."""
    cache = dvc.find_cache(repository.layout.root)
    advance = summed(repository.progress, "storing", total=snapshot.bytes)
    dvc.store(
        cache,
        snapshot.states(),
        directory=snapshot.directory,
        scan_started_ns=snapshot.started_ns,
        place=snapshot.staging,
        progress=lambda _, size: advance(size),
    )
    dvc.store(cache, snapshot.index_states(), directory=snapshot.index_object, scan_started_ns=time.time_ns())


def _telling_dvc(repository: Repository, snapshot: Snapshot) -> AbstractContextManager[None]:
    """Meanwhile DVC's state learns the digests of much data, so that `dvc status` need not read all of it again."""
    if snapshot.bytes <= _WORTH_TELLING_DVC_BYTES:
        return nullcontext()
    return beside(dvc.remember, repository.layout.root, snapshot.states())


def _earlier_pointers(repository: Repository, dataset: str) -> list[str]:
    """Index pointers of other versions, under any name of the dataset: only the newest stays, tags keep the others."""
    layout, git = repository.layout, repository.git
    directories = [layout.directory(name) for name in versions_of(repository, dataset).names]
    head = git.head()
    tree = git.tree(head, *map(layout.in_git, directories)) if head else {}
    paths = (layout.from_git(path) for path in tree)
    return [path for path in paths if path.endswith(".dvc") and os.path.dirname(path) in directories]
