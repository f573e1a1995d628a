"""Datasets as they are declared, and the paths that may hold one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dsv.errors import (
    BadManifestError,
    NoDatasetError,
    OutsideError,
    OverlapError,
    TrackedError,
    UnsupportedFileError,
)
from dsv.model.dataset import DatasetSettings, load_dataset
from dsv.model.policy import Policy
from dsv.records.formats import format_names
from dsv.repository import files
from dsv.repository.catalog import dataset_names

if TYPE_CHECKING:
    from dsv.repository.repository import Repository

_ACTED_ON = frozenset({".git", ".dvc", ".hg"})


def load_dataset_file(repository: Repository, dataset: str) -> DatasetSettings:
    """The declaration in the work tree, else in HEAD's tree; NoDatasetError where there is none."""
    file = repository.layout.dataset_file(dataset)
    content = files.read_bytes(repository.layout.absolute(file))
    if content is None:
        head = f"HEAD:{repository.layout.in_git(file)}"
        content = repository.git.blobs([head]).get(head)
    if content is None:
        raise NoDatasetError(f"there is no dataset {dataset!a}", hint="dsv list shows the datasets")
    loaded = load_dataset(content, file=file)
    for warning in loaded.warnings:
        repository.tell(warning)
    settings = loaded.value
    if settings.name != dataset:
        raise BadManifestError(
            f"{file} names the dataset {settings.name!a}, but lies in the directory of {dataset}",
            hint=f"write name: {dataset}",
        )
    check_declaration(settings, file=file)
    return settings


def check_declaration(settings: DatasetSettings, *, file: str) -> None:
    """BadManifestError for what is well-formed but cannot be done."""
    if settings.format not in format_names():
        raise BadManifestError(
            f"{file}: format {settings.format!a} is not known", hint=f"one of {', '.join(format_names())}"
        )
    if settings.records:
        raise BadManifestError(
            f"{file}: this version of dsv does not read records from inside a JSON object yet",
            hint="leave records: out; each JSON object then counts as one record",
        )


def policy_of(repository: Repository, settings: DatasetSettings) -> Policy:
    """The bump policy of the dataset: its own, else the project's."""
    chosen = settings.policy or repository.settings().policy
    return chosen.policy


def relative_path(repository: Repository, path: str) -> str:
    """A path as people type it, from the DVC root; OutsideError unless it lies properly below that root.

    No part of it may be a symbolic link: what a link leads to is not the repository's.
    """
    root = repository.layout.root
    where, parts = os.path.abspath(path), list[str]()
    while not (os.path.exists(where) and os.path.samefile(where, root)):
        if os.path.islink(where):
            raise OutsideError(f"{path} leads through a symbolic link", hint="name the place that the link leads to")
        above, name = os.path.split(where)
        if above == where:
            raise OutsideError(
                f"{path} is not inside the repository {root}",
                hint="move or copy the data into it, for instance to data/",
            )
        where = above
        parts.insert(0, name)
    if not parts:
        raise UnsupportedFileError(f"{path} is the repository itself", hint="put the data into a directory of its own")
    return "/".join(parts)


def check_place(repository: Repository, path: str, *, dataset: str) -> None:
    """Refuse a data path that another dataset, git or dsv itself has a claim on; the path is relative."""
    layout = repository.layout
    parts = path.split("/")
    if not _ACTED_ON.isdisjoint(parts):
        raise UnsupportedFileError(f"{path} lies inside a repository's own directory", hint="choose another path")
    if _overlap(path, layout.manifests):
        raise OverlapError(f"{path} is where dsv keeps its manifests", hint="choose another path")
    for other in dataset_names(repository):
        if other == dataset:
            continue
        theirs = load_dataset_file(repository, other).path
        if _overlap(path, theirs):
            raise OverlapError(
                f"{path} overlaps {theirs}, the data of the dataset {other}",
                hint="one path belongs to one dataset; choose another, or dsv bump " + other,
            )
    check_untracked(repository, path)
    for pointer in (layout.data_pointer(path), layout.dataset_file(dataset)):
        if rule := repository.git.ignored(layout.in_git(pointer)):
            source, line, pattern = rule.rsplit(":", 2) if rule.count(":") > 1 else (rule, "", "")
            raise UnsupportedFileError(
                f"git ignores {pointer}: rule {pattern!a} in {source}, line {line}",
                hint=f"ignore the data, not its pointers: dsv writes the rule for {path} itself",
                details={"file": pointer, "rule": rule},
            )


def check_untracked(repository: Repository, path: str) -> None:
    """TrackedError while git holds files of the data: bytes belong to DVC alone."""
    held = repository.git.staged(repository.layout.in_git(path))
    if held:
        raise TrackedError(
            f"git tracks {len(held)} file{'s' if len(held) > 1 else ''} of {path} already, "
            f"for instance {repository.layout.from_git(min(held))!a}",
            hint=f"git rm -r --cached {path}, and commit; the files stay where they are",
            details={"files": len(held)},
        )


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(other + "/") or other.startswith(one + "/")
