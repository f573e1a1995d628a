"""Paths that may hold a dataset, and the refusal of those that somebody else has a claim on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.adapters.git.work_tree import submodule_of
from dsv.errors import OutsideError, OverlapError, TrackedError, UnsupportedFileError, UsageError
from dsv.model.texts import check_path
from dsv.repository import files
from dsv.repository.catalog import dataset_names
from dsv.repository.datasets import load_dataset_file
from dsv.repository.layout import ARTIFACTS

if TYPE_CHECKING:
    from dsv.repository.repository import Repository

_ACTED_ON = frozenset({".git", ".dvc", ".hg"})


def relative_path(repository: Repository, path: str) -> str:
    """A path as people type it, from the DVC root; OutsideError unless it lies properly below that root.

    It counts from the current directory; where that would lead out of the repository, as it does for somebody
    who works on one from outside, from the root. No part of it may be a symbolic link: what a link leads to is
    not the repository's.
    """
    if not path:
        raise UsageError("the path is empty", hint="name a directory or file with data")
    root = repository.layout.root
    where, parts = os.path.abspath(path), list[str]()
    others: list[str] = []
    if os.path.commonpath([where, root]) != root:
        where = os.path.abspath(os.path.join(root, path))
    while not (os.path.exists(where) and os.path.samefile(where, root)):
        if os.path.islink(where):
            raise OutsideError(f"{path} leads through a symbolic link", hint="name the place that the link leads to")
        if os.path.lexists(os.path.join(where, ".git")):
            others.append(where)
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
    if others:
        raise OutsideError(
            f"{path} lies in {os.path.relpath(others[-1], root)}, a git repository of its own",
            hint="run dsv in that repository, or move the data out of it",
        )
    relative = "/".join(parts)
    _refuse_unwritable(relative)
    return relative


def _refuse_unwritable(path: str) -> None:
    """UnsupportedFileError for a path that dsv's files, or DVC's, cannot name."""
    problem = ""
    if path.endswith(".dvc"):
        problem = "must not end with .dvc, which is for DVC's pointers"
    elif ":" in path:
        problem = "must not hold a colon, which no pointer's name on Windows can"
    try:
        check_path(path)
        path.encode()
    except UnicodeEncodeError:
        problem = "must be UTF-8"
    except ValueError as error:
        problem = str(error)
    if problem:
        raise UnsupportedFileError(f"{path!a} cannot be a data path: it {problem}", hint="choose another path")


def check_claim(repository: Repository, path: str, *, dataset: str) -> None:
    """Refuse a path, new to this dataset, that dsv, another dataset or DVC has a claim on."""
    layout = repository.layout
    if not _ACTED_ON.isdisjoint(path.split("/")):
        raise UnsupportedFileError(f"{path} lies inside a repository's own directory", hint="choose another path")
    if submodule := submodule_of(repository.git, layout.in_git(path)):
        raise OutsideError(
            f"{path} lies in the submodule {layout.from_git(submodule)}",
            hint="run dsv in that repository, or choose another path",
        )
    if _overlap(path, layout.manifests):
        raise OverlapError(f"{path} is where dsv keeps its manifests", hint="choose another path")
    for other in dataset_names(repository):
        theirs = path if other == dataset else load_dataset_file(repository, other).path
        if other != dataset and _overlap(path, theirs):
            raise OverlapError(
                f"{path} overlaps {theirs}, the data of the dataset {other}",
                hint=f"one path belongs to one dataset; choose another, or dsv bump {other}",
            )
    _refuse_outputs_of_dvc(repository, path)


def check_place(repository: Repository, path: str, *, dataset: str) -> None:
    """Refuse a release while git holds the data, or would not see its pointers."""
    layout = repository.layout
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


def _refuse_outputs_of_dvc(repository: Repository, path: str) -> None:
    """TrackedError when DVC tracks a directory above the path, or a stage of a pipeline makes it."""
    layout = repository.layout
    parts = path.split("/")
    for depth in range(1, len(parts)):
        above = "/".join(parts[:depth])
        if os.path.exists(layout.absolute(layout.data_pointer(above))):
            raise TrackedError(
                f"DVC tracks {above} as a whole ({layout.data_pointer(above)}), and {path} with it",
                hint=f"dsv add {above}, or dvc remove {layout.data_pointer(above)} first",
            )
    text = files.read_bytes(layout.absolute(ARTIFACTS))
    for output, stage in (dvc.stage_outputs(text.decode()) if text else {}).items():
        if _overlap(path, output):
            raise TrackedError(
                f"{output} is made by the stage {stage} of {ARTIFACTS}, so DVC tracks it already",
                hint="release a copy of it at another path",
            )


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(other + "/") or other.startswith(one + "/")
