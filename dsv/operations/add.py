"""`dsv add`: start tracking data as datasets, and release their first versions."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from dsv.adapters import dvc
from dsv.errors import DsvError, ExistsError, NoPathError, OverlapError, UsageError
from dsv.model.dataset import DatasetSettings
from dsv.model.facts import Facts
from dsv.model.numbering import NumberRequest, first_number
from dsv.model.release_options import USUAL, Hooks, ReleaseOptions
from dsv.model.version import Version
from dsv.repository import Repository, exclusively
from dsv.repository.comparing.versions import compare_with_base
from dsv.repository.contents.gather import gather
from dsv.repository.contents.snapshot import Snapshot
from dsv.repository.contents.walk import walk
from dsv.repository.declared.datasets import policy_of
from dsv.repository.declared.declarations import Declaration, DeclaredSettings, declared_settings
from dsv.repository.declared.places import check_claim, check_place, datasets_in
from dsv.repository.known.catalog import Versions, versions_of
from dsv.repository.releasing.decision import Decision
from dsv.repository.releasing.gates import KEY, check_waivers
from dsv.repository.releasing.past import check_here, past_decisions, past_snapshots, past_states, release_past
from dsv.repository.releasing.release import Release, carry_out, check_facts, keeping_copies, plan_release
from dsv.repository.writing.transaction import Writing, perform


@dataclass(frozen=True)
class Declared:
    """A dataset that has a declaration and no version yet."""

    dataset: str
    file: str
    commit: str

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"dataset": self.dataset, "version": None, "file": self.file, "commit": self.commit}


@dataclass(frozen=True)
class Added:
    """The releases made: first versions of several datasets, or all versions that datasets had before."""

    releases: Sequence[Release]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"releases": [each.document() for each in self.releases]}


@dataclass(frozen=True)
class _New:
    """A dataset without versions, at a place that may have them: its dataset.yaml, the stage output it is, if any."""

    settings: DatasetSettings
    text: bytes
    versions: Versions
    made_by: dvc.StageOutput | None


def add(
    repository: Repository,
    *paths: str,
    declaration: Declaration,
    facts: Facts,
    version: Version | None = None,
    options: ReleaseOptions = USUAL,
) -> Added:
    """The first versions of the data at the paths (as typed; from the root, for who stands outside).

    Nothing is released before all of them were found good. Errors, which name the path: ExistsError when the dataset
    has versions already, those of a path or a file that cannot be versioned, BadRecordError and BadKeyError for records
    that break their promise.
    """
    with exclusively(repository, f"add of {', '.join(paths)}"), ExitStack() as stack:
        # gather and decide
        _refuse_at_all(repository, facts)
        new = _all_new(repository, paths, declaration, options)
        plans = []
        for path, each in new.items():
            with _naming(path, of=paths):
                staging = stack.enter_context(keeping_copies(repository, options))
                check_waivers(repository, each.settings, facts.waived)
                snapshot = gather(repository, each.settings.name, each.settings, staging=staging)
                _refuse_records(snapshot, options)
                decision = _decide(repository, each, snapshot, version=version)
                plans.append(plan_release(repository, decision, facts, options=options))
        # record
        return Added([carry_out(repository, plan, options) for plan in plans])


def add_history(
    repository: Repository,
    *paths: str,
    declaration: Declaration,
    facts: Facts,
    version: Version | None = None,
    options: ReleaseOptions = USUAL,
) -> Added:
    """A version for each state of the data that its DVC pointer named in HEAD's past, the last one being today's.

    `version` is the number of the first. Errors: those of `add`, for the data of any commit; NoPathError for a pointer
    without a past, ConflictError for data that differ from their pointer, MissingDataError where the cache lacks some.
    """
    if facts.summary or facts.sources or facts.produced_by:
        raise UsageError(
            "the versions of the past are described by their commits: -m, --from and --produced-by are not for them",
            hint="leave them out",
        )
    with exclusively(repository, f"add of {', '.join(paths)}"), ExitStack() as stack:
        # gather and decide
        _refuse_at_all(repository, replace(facts, summary="that of each commit"))
        os.makedirs(repository.work_state, exist_ok=True)
        found = []
        for path, each in _all_new(repository, paths, declaration, options).items():
            with _naming(path, of=paths):
                scratch = stack.enter_context(tempfile.TemporaryDirectory(dir=repository.work_state))
                check_waivers(repository, each.settings, facts.waived)
                states = past_states(repository, each.settings.path, each.made_by)
                snapshots = past_snapshots(repository, each.settings, states, scratch=scratch)
                check_here(repository, each.settings, snapshots[-1])
                for state, snapshot in zip(states, snapshots, strict=True):
                    with _naming(f"commit {state.commit.id[:10]}", of=states):
                        _refuse_records(snapshot, options)
                decisions = past_decisions(
                    repository,
                    each.settings,
                    states,
                    snapshots,
                    text=each.text,
                    versions=each.versions,
                    first=version,
                    made_by=each.made_by,
                )
                found.append(decisions)
        # record
        return Added(
            [one for decisions in found for one in release_past(repository, decisions, facts, options=options)]
        )


def add_each(repository: Repository, directory: str) -> list[str]:
    """The paths of what lies in the directory and is no dataset yet, each to be added; what is left out is told."""
    found = datasets_in(repository, directory)
    if not found:
        raise NoPathError(f"{directory} holds nothing that is to be added", hint="name a directory with data in it")
    return found


def declare(repository: Repository, path: str, declaration: Declaration, *, hooks: Hooks = Hooks.RUN) -> Declared:
    """The dataset declared and committed, with nothing released."""
    with exclusively(repository, f"add of {path}"):
        repository.git.refuse_busy()
        repository.git.identity()
        declared = declared_settings(repository, path, declaration)
        settings = declared.settings
        check_claim(repository, settings.path, dataset=settings.name)
        check_place(repository, settings.path, dataset=settings.name)
        walk(repository.layout.absolute(settings.path), shown=settings.path)
        file = repository.layout.dataset_file(settings.name)
        own = {file: declared.text}
        writing = Writing(
            f"declaration of {settings.name}", f"Declare the dataset {settings.name}", own=own, hooks=hooks
        )
        return Declared(settings.name, file, perform(repository, writing))


def _refuse_at_all(repository: Repository, facts: Facts) -> None:
    if KEY in facts.waived:
        raise UsageError(
            "the key of a first version cannot be waived: later records are told apart by it",
            hint="give each record a key of its own, declare another key, or none",
        )
    repository.git.refuse_busy()
    repository.git.identity()
    check_facts(repository, facts)


def _all_new(
    repository: Repository, paths: Sequence[str], declaration: Declaration, options: ReleaseOptions
) -> dict[str, _New]:
    """By path as typed, what each is to be; two that cannot both be are refused."""
    if declaration.name is not None and len(paths) > 1:
        raise UsageError("--name is for one path", hint="add them one by one, or leave it out")
    found: dict[str, _New] = {}
    for path in dict.fromkeys(paths):
        with _naming(path, of=paths):
            declared = declared_settings(repository, path, declaration)
            for other in (each.settings for each in found.values()):
                _refuse_both(declared.settings, other)
            found[path] = _new(repository, declared, options)
    return found


def _new(repository: Repository, declared: DeclaredSettings, options: ReleaseOptions) -> _New:
    settings = declared.settings
    versions = versions_of(repository, settings.name)
    if versions.known:
        newest = versions.known[-1].version
        raise ExistsError(
            f"the dataset {settings.name} is at {newest} already",
            hint=f"dsv bump {settings.name} releases the next",
        )
    check_claim(repository, settings.path, dataset=settings.name)
    made_by = check_place(repository, settings.path, dataset=settings.name, tracked=options.tracked)
    return _New(settings, declared.text, versions, made_by)


def _refuse_both(one: DatasetSettings, other: DatasetSettings) -> None:
    if one.name.lower() == other.name.lower():
        raise ExistsError(
            f"{one.path} and {other.path} would both be named {one.name}", hint="add them one by one, with --name"
        )
    if f"{one.path}/".startswith(f"{other.path}/") or f"{other.path}/".startswith(f"{one.path}/"):
        raise OverlapError(f"{one.path} overlaps {other.path}", hint="one path belongs to one dataset")


def _refuse_records(snapshot: Snapshot, options: ReleaseOptions) -> None:
    if not options.keep_bad_records:
        snapshot.refuse_bad_records()
    snapshot.refuse_keys()


def _decide(repository: Repository, new: _New, snapshot: Snapshot, *, version: Version | None) -> Decision:
    settings, versions = new.settings, new.versions
    number = first_number(NumberRequest(version=version), foreign=versions.foreign, taken=versions.taken)
    policy = policy_of(repository, settings)
    change, verdict = compare_with_base(repository, None, snapshot, policy=policy)
    return Decision(settings, new.text, None, snapshot, change, verdict, number, policy, made_by=new.made_by)


@contextmanager
def _naming(name: str, *, of: Sequence[object]) -> Iterator[None]:
    """A refusal of one of several names it."""
    try:
        yield
    except DsvError as error:
        if len(of) == 1 or name in error.message:
            raise
        raise type(error)(
            f"{name}: {error.headline}", hint=error.hint, details=error.details, places=error.places
        ) from error
