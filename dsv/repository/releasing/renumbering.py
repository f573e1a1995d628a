"""Releases made again upon what others published first: the same data and the same words under the next numbers.

Everything here makes objects of git that no ref leads to yet, and record indexes in a directory of its own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.adapters.git import Entry
from dsv.adapters.git import transaction as git_transaction
from dsv.adapters.git.replaying import LocalCommit, Replay, commit_upon, replay
from dsv.adapters.git.signing import build_tag, commit_tree, message_of_tag
from dsv.adapters.git.transaction import Commit, Patch
from dsv.errors import ConflictError, MissingDataError, NoRemoteError
from dsv.model.change_summary import computed_summary
from dsv.model.facts import Facts
from dsv.model.numbering import Number, NumberRequest, first_number, free_number
from dsv.model.release_options import ReleaseOptions
from dsv.model.source import PREVIOUS, located
from dsv.model.version import Level, Version, parse_version
from dsv.repository.comparing.versions import compare_with_base, index_at_hand, released_data
from dsv.repository.declared.datasets import declaration_text, load_dataset_file, policy_of
from dsv.repository.known.catalog import KnownVersion, read_manifest, refuse_removed, versions_of
from dsv.repository.layout import ARTIFACTS
from dsv.repository.merging.merge_driver import ATTRIBUTES
from dsv.repository.releasing.as_of import as_of
from dsv.repository.releasing.decision import Decision
from dsv.repository.releasing.release import Plan, plan_release
from dsv.repository.releasing.renamed_versions import renamed_entries, renamed_words
from dsv.repository.transfer.fetching import Wanted, fetch_versions

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest
    from dsv.model.policy import Verdict
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class Upstream:
    """What others have published: a branch, called `origin/main`, its commit, and the numbers that are taken.

    `tags` are release tags there that are not the same here, by name, as objects; `taken` the numbers of all release
    tags there, by dataset. `common` is the commit that HEAD and the branch both stand upon.
    """

    name: str
    commit: str
    common: str
    tags: Mapping[str, str]
    taken: Mapping[str, Sequence[Version]]


@dataclass(frozen=True)
class OwnVersion:
    """A version that was released here and is nowhere else, with its commit and the id of its tag, if it has one."""

    known: KnownVersion
    manifest: Manifest
    commit: LocalCommit
    tag: str | None


@dataclass(frozen=True)
class Again:
    """What became of an own version: its plan under the new number, or none where `base` holds the same data.

    `base` is the version that it now comes after.
    """

    old: OwnVersion
    base: KnownVersion | None
    plan: Plan | None
    commit: str

    @property
    def name(self) -> str:
        """The version that now has the data, `NAME@X.Y.Z`."""
        if self.plan is None:
            return self.base.name if self.base else self.old.known.name
        return f"{self.plan.manifest.dataset}@{self.plan.manifest.version}"


class Line:
    """The commits of one's own made again upon those of others, one after the other."""

    def __init__(
        self,
        repository: Repository,
        upstream: Upstream,
        own: Sequence[OwnVersion],
        *,
        options: ReleaseOptions,
        scratch: str,
    ) -> None:
        self._repository = repository
        self._upstream = upstream
        self._options = options
        self._scratch = scratch
        self.tip = upstream.commit
        self.commits: dict[str, str] = {}
        self.again: list[Again] = []
        own_tags = [each.known.tag for each in own if each.known.tag is not None]
        self.tags: dict[str, str | None] = {**dict.fromkeys(own_tags), **upstream.tags}

    @property
    def names(self) -> dict[str, str]:
        """Each version that was made again, `NAME@X.Y.Z`, with what it is called now."""
        return {each.old.known.name: each.name for each in self.again}

    def add(self, commit: LocalCommit, own: OwnVersion | None) -> None:
        """The next commit, which may have released a version that is to be made again."""
        git = self._repository.git
        without = frozenset() if own is None else self._of_release(own, commit)
        entries = self._replayed(commit, without=without)
        middle = self.tip
        if entries or not commit.parents:
            message = renamed_words(commit.message, self.names)
            scratch = os.path.join(self._scratch, "replayed-index")
            middle = commit_upon(git, self.tip, entries, like=commit, message=message, scratch=scratch)
        self.tip = middle if own is None else self._release(own, middle=middle)
        self.commits[commit.id] = self.tip

    def finish(self) -> None:
        """The tags of dsv that named the commits, of versions and stages, name the new ones; others are told of."""
        git, layout = self._repository.git, self._repository.layout
        for tag in git.tags():
            if tag.commit not in self.commits or tag.name in self.tags:
                continue
            named = layout.parse_tag(tag.name) or ("", "")
            if tag.annotated and (parse_version(named[1]) is not None or "#" in tag.name):
                message = renamed_words(message_of_tag(git, tag.object_id), self.names)
                commit = self.commits[tag.commit]
                self.tags[tag.name] = build_tag(git, tag.name, commit=commit, message=message)
            else:
                self._repository.tell(
                    f"the tag {tag.name} still names {tag.commit[:10]}, which is on the branch no more"
                )

    def _of_release(self, own: OwnVersion, commit: LocalCommit) -> frozenset[str]:
        """The files of the commit that releasing anew makes: manifest, pointers, and entries in files of everybody."""
        layout, manifest = self._repository.layout, own.manifest
        top = f"{layout.directory(own.known.dataset)}/"
        folder = manifest.data.path.rpartition("/")[0]
        made = {
            layout.manifest_file(own.known.dataset, own.known.version),
            layout.data_pointer(manifest.data.path),
            ARTIFACTS,
            ATTRIBUTES,
            f"{folder}/.gitignore".lstrip("/"),
        }
        changed = git_transaction.differences(self._repository.git, commit.parents[0], commit.id)
        files = (layout.from_git(path) for path in changed)
        made.update(file for file in files if file.startswith(top) and file.endswith(".dvc"))
        return frozenset(map(layout.in_git, made))

    def _replayed(self, commit: LocalCommit, *, without: frozenset[str]) -> dict[str, Entry | None]:
        done: Replay = replay(self._repository.git, commit, onto=self.tip, without=without)
        if done.conflicts:
            files = ", ".join(done.conflicts[:3])
            raise ConflictError(
                f"commit {commit.id[:10]} ({commit.subject}) and {self._upstream.name} both changed {files}",
                hint="where these are a dataset's, name it too; else dsv undo the release, git pull, and dsv bump",
                details={"commit": commit.id, "files": list(done.conflicts)},
            )
        return renamed_entries(self._repository, done.entries, self.names)

    def _release(self, own: OwnVersion, *, middle: str) -> str:
        """The commit that releases the version anew, upon the tip; `middle` is the tip with all else of its commit."""
        git = self._repository.git
        then = as_of(self._repository, middle, tags=self.tags)
        base, plan = self._planned(then, own)
        if plan is None:
            self.again.append(Again(own, base, None, middle))
            return middle
        patch = Patch(
            own={then.layout.in_git(path): content for path, content in plan.writing.own.items()},
            shared={then.layout.in_git(path): edit for path, edit in plan.writing.shared.items()},
        )
        scratch = os.path.join(self._scratch, "release-index")
        staged = git_transaction.stage(git, patch, scratch=scratch, upon=Commit(middle, self.tip))
        tree = git_transaction.staged_tree(git, staged)
        commit = commit_tree(git, tree, parents=[self.tip], message=plan.writing.message, author={})
        git_transaction.clear_index(scratch)
        for name, message in plan.writing.tags.items():
            self.tags[name] = build_tag(git, name, commit=commit, message=message)
        self.again.append(Again(own, base, plan, commit))
        return commit

    def _planned(self, then: Repository, own: OwnVersion) -> tuple[KnownVersion | None, Plan | None]:
        """The version before, and the release upon it; no release where that one holds the same."""
        name, manifest = own.known.dataset, own.manifest
        settings = load_dataset_file(then, name)
        if settings.path != manifest.data.path or then.text(then.layout.data_pointer(settings.path)) is None:
            raise ConflictError(
                f"the data of {own.known.name} lies elsewhere in {self._upstream.name}, or a stage makes it",
                hint=f"dsv undo {own.known.name}, git pull, and dsv bump {name} release it anew",
            )
        versions = versions_of(then, name)
        refuse_removed(then, versions)
        base = versions.newest_base
        if base is not None:
            _bring_index(then, base)
        directory = os.path.join(self._scratch, f"index{len(self.again)}")
        snapshot = released_data(then, manifest, settings, directory=directory)
        policy = policy_of(then, settings)
        change, verdict = compare_with_base(then, base, snapshot, policy=policy)
        if base is not None and change.nothing:
            return base, None
        taken = sorted({*versions.taken, *self._upstream.taken.get(name, ())})
        number = _number(base, verdict, manifest, taken=taken)
        decision = Decision(
            settings,
            declaration_text(then, settings),
            base,
            snapshot,
            change,
            verdict,
            number,
            policy,
            allow_lower=manifest.change.allow_lower or "",
        )
        options = replace(self._options, tag=own.tag is not None)
        return base, plan_release(then, decision, _facts(manifest, self.names), options=options)


def _bring_index(repository: Repository, base: KnownVersion) -> None:
    """The base's record index, which git's fetch does not bring, from the DVC remote where it is not here."""
    manifest = read_manifest(repository, base)
    oid = manifest.digests.index.removeprefix("md5:")
    if index_at_hand(repository, base, manifest) is None and dvc.find_cache(repository.layout.root).missing([oid]):
        try:
            fetch_versions(repository, [base], wanted=Wanted.INDEX)
        except (NoRemoteError, MissingDataError) as error:
            raise MissingDataError(
                f"the record index of {base.name} is not here: {error.message}",
                hint="whoever released it pushes it: dsv push; then run this again",
            ) from None


def _number(base: KnownVersion | None, verdict: Verdict, manifest: Manifest, *, taken: Sequence[Version]) -> Number:
    """The old number where it is free and fits, else the next one that does; a level that was asked for stays."""
    if base is None:
        return first_number(NumberRequest(), foreign=taken, taken=())
    before, why = manifest.change, manifest.change.allow_lower or ""
    asked, computed, old = before.level, verdict.level or Level.PATCH, manifest.version
    if old not in taken and old > base.version and (why or old.level_above(base.version) >= computed):
        return Number(old, old.level_above(base.version))
    level = asked if why else max(asked, computed) if asked > before.computed else None
    label = re.match(r"[A-Za-z-][0-9A-Za-z-]*", old.prerelease)
    return free_number(base.version, verdict, NumberRequest(level, None, label[0] if label else "", why), taken=taken)


def _facts(manifest: Manifest, names: Mapping[str, str]) -> Facts:
    """What people said of the version; what was computed is computed anew."""
    change = manifest.change
    first = change.previous is None
    usual = computed_summary(change.records.counts, files=manifest.data.files, first=first)
    edges = [each for each in manifest.lineage if each.relation != PREVIOUS]
    return Facts(
        summary="" if manifest.summary == usual else manifest.summary,
        tags=tuple(manifest.tags),
        metadata=dict(manifest.metadata),
        sources=tuple(
            located(f"{names.get(each.ref, each.ref)}:{each.relation}", each.repository or "") for each in edges
        ),
        produced_by=manifest.produced_by
        or next((each.produced_by for each in manifest.lineage if each.produced_by), ""),
        waived={each.check: each.reason for each in manifest.validation.waived},
        notes=[each.note or "" for each in edges],
    )
