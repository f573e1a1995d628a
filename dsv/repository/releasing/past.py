"""What a dataset was before dsv knew it: the data that its pointer named in past commits, as versions.

Each version is a commit of its own, upon the one before and all upon HEAD: the tree of its tag holds its manifest and
the pointer to its data, as that of any release does. The last one has what HEAD had.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.adapters.git.past import PastCommit, past_of
from dsv.errors import BadManifestError, ConflictError, MissingDataError, NoPathError, UnsupportedError
from dsv.model.numbering import NumberRequest, first_number, next_number
from dsv.model.policy_rules import decide
from dsv.model.progress import summed
from dsv.repository.comparing.objects import pointed_objects
from dsv.repository.comparing.versions import compare_with_base
from dsv.repository.contents.comparison import change_between
from dsv.repository.contents.gather import asked_of, counter_of, gather, gather_from
from dsv.repository.declared.datasets import policy_of
from dsv.repository.declared.pointers import refuse_uncommitted
from dsv.repository.known.catalog import KnownVersion, Versions
from dsv.repository.releasing.decision import Decision
from dsv.repository.releasing.release import Plan, Release, plan_release, store
from dsv.repository.writing.transaction import Step, Writing, perform

if TYPE_CHECKING:
    from dsv.model.dataset import DatasetSettings
    from dsv.model.facts import Facts
    from dsv.model.release_options import ReleaseOptions
    from dsv.model.version import Version
    from dsv.repository.contents.snapshot import Snapshot
    from dsv.repository.repository import Repository

_NAMED = 5


@dataclass(frozen=True)
class PastState:
    """The data that the pointer named from a commit on."""

    commit: PastCommit
    pointer: dvc.Pointer


def past_states(repository: Repository, path: str, output: dvc.StageOutput | None) -> list[PastState]:
    """Every state of the data that the pointer named, oldest first, along the first parents of HEAD.

    A state is left out where it is that of the commit before, and, which is told, where its pointer says nothing that
    can be followed. NoPathError where there is none; ConflictError while the pointer is edited and not committed, or
    the clone is shallow.
    """
    git, layout = repository.git, repository.layout
    file = layout.data_pointer(path) if output is None else output.lock
    if os.path.exists(os.path.join(git.common, "shallow")):
        raise ConflictError("this clone is shallow, so its history is not all here", hint="git fetch --unshallow")
    commits = past_of(git, layout.in_git(file))
    if not commits:
        raise NoPathError(
            f"git's history knows no {file}", hint=f"dsv add {path} without --history releases the data as it is"
        )
    refuse_uncommitted(repository, file)
    texts = git.blobs(f"{commit.id}:{layout.in_git(file)}" for commit in commits)
    found: list[PastState] = []
    for commit in commits:
        text = texts.get(f"{commit.id}:{layout.in_git(file)}")
        pointer = None if text is None else _pointer(repository, text, commit, file=file, output=output)
        if pointer is not None and not (found and _same(found[-1].pointer, pointer)):
            found.append(PastState(commit, pointer))
    return found


def past_snapshots(
    repository: Repository, settings: DatasetSettings, states: Sequence[PastState], *, scratch: str
) -> list[Snapshot]:
    """The data of each state, out of DVC's cache, read as the dataset is declared today; indexes go into `scratch`.

    MissingDataError, naming the commits, when the cache lacks anything of any of them.
    """
    objects = _objects(repository, settings.path, states)
    counter = counter_of(repository, settings)
    snapshots = []
    for number, (state, (cache, entries)) in enumerate(zip(states, objects, strict=True)):
        sources = {path: cache.path_of(md5) for path, md5 in entries}
        total = sum(os.stat(source).st_size for source in sources.values())
        snapshots.append(
            gather_from(
                sources,
                dataset=settings.name,
                path=settings.path,
                reading=settings.reading,
                key=settings.key,
                is_directory=state.pointer.is_directory,
                directory=os.path.join(scratch, f"index{number}"),
                counter=counter,
                executor=repository.executor,
                inspections=asked_of(repository, settings),
                progress=summed(repository.progress, f"reading {state.commit.id[:10]}", total=total),
            )
        )
    return snapshots


def check_here(repository: Repository, settings: DatasetSettings, last: Snapshot) -> None:
    """ConflictError when the work tree has other data than the pointer names; it may have none."""
    try:
        here = gather(repository, settings.name, settings)
    except MissingDataError:
        return
    if here.tree != last.tree:
        raise ConflictError(
            f"{settings.path} is not what its pointer names: it changed and is not committed",
            hint="dvc commit and git commit take it as it is, dvc checkout brings the committed data back",
        )


def past_decisions(
    repository: Repository,
    settings: DatasetSettings,
    states: Sequence[PastState],
    snapshots: Sequence[Snapshot],
    *,
    text: bytes,
    versions: Versions,
    first: Version | None,
    made_by: dvc.StageOutput | None,
) -> list[Decision]:
    """The version that each state becomes, numbered by what changed since the one before; `text` is dataset.yaml.

    A state with the same files as the one before becomes none.
    """
    policy = policy_of(repository, settings)
    decisions: list[Decision] = []
    for state, snapshot in zip(states, snapshots, strict=True):
        if not decisions:
            number = first_number(NumberRequest(version=first), foreign=versions.foreign, taken=versions.taken)
            change, verdict = compare_with_base(repository, None, snapshot, policy=policy)
            base = None
        else:
            before = decisions[-1]
            change = change_between(
                before.snapshot.side(), snapshot.side(), policy=policy, executor=repository.executor
            )
            if change.nothing:
                continue
            verdict = decide(change, policy=policy)
            number = next_number(before.number.version, verdict, NumberRequest(), taken=versions.taken)
            base = KnownVersion(settings.name, before.number.version, "", in_head=False, tag=None, tag_commit=None)
        decisions.append(
            Decision(
                settings,
                text,
                base,
                snapshot,
                change,
                verdict,
                number,
                policy,
                made_by=made_by,
                lock_from="HEAD" if state is states[-1] else state.commit.id,
                past=state.commit,
                made=state.commit.made,
                change_is_wanted=True,
            )
        )
    return decisions


def release_past(
    repository: Repository, decisions: Sequence[Decision], facts: Facts, *, options: ReleaseOptions
) -> list[Release]:
    """All the versions released, in one transaction; in a dry run only computed. The caller holds the lock."""
    plans = [plan_release(repository, each, _facts_of(each, facts), options=options) for each in decisions]
    if options.dry_run:
        return [plan.made(None, options) for plan in plans]
    writing = _chain(repository, plans)
    for plan in plans:
        store(repository, plan.decision.snapshot)
    last = perform(repository, writing)
    commits = repository.git.run("rev-list", "--first-parent", f"--max-count={len(plans)}", last).decode().split()
    return [plan.made(commit, options) for plan, commit in zip(plans, reversed(commits), strict=True)]


def _pointer(
    repository: Repository, text: bytes, commit: PastCommit, *, file: str, output: dvc.StageOutput | None
) -> dvc.Pointer | None:
    """What the pointer named at the commit; None where that cannot be followed, which is told."""
    try:
        pointer = dvc.parse_pointer(text, file=file) if output is None else dvc.locked(text, output)
    except (BadManifestError, UnsupportedError) as error:
        repository.tell(f"commit {commit.id[:10]} is left out: {error.message}")
        return None
    if output is not None and pointer is not None and pointer.hash_name != "md5":
        repository.tell(f"commit {commit.id[:10]} is left out: DVC 2 wrote its {file}")
        return None
    return pointer if pointer is not None and pointer.md5 else None


def _same(one: dvc.Pointer, other: dvc.Pointer) -> bool:
    return (one.md5, one.hash_name) == (other.md5, other.hash_name)


def _objects(
    repository: Repository, path: str, states: Sequence[PastState]
) -> list[tuple[dvc.Cache, Collection[dvc.Entry]]]:
    """The files of each state as (path, md5), and the cache that holds them all."""
    found: list[tuple[dvc.Cache, Collection[dvc.Entry]]] = []
    missing: list[str] = []
    for state in states:
        try:
            found.append(pointed_objects(repository, path, state.pointer))
        except MissingDataError:
            missing.append(f"{state.commit.id[:10]} of {state.commit.author.date[:10]}")
    if missing:
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        raise MissingDataError(
            f"the cache lacks data that {path} had at {len(missing)} of {len(states)} commits: "
            + ", ".join(missing[:_NAMED])
            + more,
            hint=f"dvc fetch --all-commits {path} brings what the remote has",
            details={"commits": missing, "of": len(states)},
        )
    return found


def _facts_of(decision: Decision, facts: Facts) -> Facts:
    """What people said of the version: when they committed it, and now of all."""
    subject = decision.past.subject if decision.past else ""
    return replace(facts, summary=subject if subject.isprintable() else "")


def _chain(repository: Repository, plans: Sequence[Plan]) -> Writing:
    """The writing whose commits are the versions, each with the pointer to its own data."""
    layout = repository.layout
    own: dict[str, bytes | None] = {}
    steps: list[Step] = []
    for number, plan in enumerate(plans):
        decision, writing = plan.decision, plan.writing
        mine = dict(writing.own)
        if number:
            before = plans[number - 1].decision
            mine[layout.index_pointer(before.settings.name, before.number.version)] = None
        own.update(mine)
        if decision.past is not None:
            steps.append(Step(writing.message, mine, writing.shared, writing.tags, decision.past.author))
    last = steps.pop()
    operation = f"history of {plans[-1].decision.settings.name}"
    return replace(
        plans[-1].writing,
        operation=operation,
        own=own,
        shared=last.shared,
        tags=last.tags,
        below=steps,
        author=last.author,
    )
