"""Paths that may hold a dataset, and the refusal of those that somebody else has a claim on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.adapters.git.work_tree import submodule_of
from dsv.errors import (
    BadManifestError,
    LockedError,
    NoPathError,
    OutsideError,
    OverlapError,
    TrackedError,
    UnsupportedFileError,
    UsageError,
)
from dsv.model.release_options import Tracked
from dsv.model.texts import check_path
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.declared.pointers import refuse_uncached, stage_making, stage_outputs
from dsv.repository.known.catalog import dataset_names
from dsv.repository.writing.lock import wait_until

if TYPE_CHECKING:
    from dsv.repository.repository import Repository

_ACTED_ON = frozenset({".git", ".dvc", ".hg"})
_OF_PIPELINES = frozenset({"dvc.yaml", "dvc.lock"})


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


def datasets_in(repository: Repository, directory: str) -> list[str]:
    """The paths from the root of the data that lies directly in the directory: each subdirectory, each file.

    Hidden ones, the files of DVC and files that git tracks are left out, and so is what is a dataset already; these are
    told. Data that is not here, only its pointer, is among them.
    """
    layout, top = repository.layout, relative_path(repository, directory)
    if not os.path.isdir(layout.absolute(top)):
        raise NoPathError(f"{top} is no directory", hint="name one whose subdirectories or files are to be datasets")
    names = {name for name in os.listdir(layout.absolute(top)) if not name.startswith(".")}
    data = {name.removesuffix(".dvc") for name in names} - _OF_PIPELINES
    tracked = set(tracked_files(repository, top))
    taken = {load_dataset_file(repository, name).path: name for name in dataset_names(repository)}
    found = []
    for path in sorted(f"{top}/{name}" for name in data):
        if path in taken:
            repository.tell(f"{path} is the dataset {taken[path]} already")
        elif path in tracked:
            repository.tell(f"{path} is left out: git tracks it; with its name and --untrack it is added")
        else:
            found.append(path)
    return found


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


def check_place(
    repository: Repository, path: str, *, dataset: str, tracked: Tracked = Tracked.REFUSE
) -> dvc.StageOutput | None:
    """The stage output that the data is, if it is one; a place where a release cannot be made is refused.

    That is while git holds the data (unless it is to forget them) or would not see the pointers, and where these are
    not dsv's to write.
    """
    layout = repository.layout
    _wait_for_stage(repository, path)
    _check_own_pointer(repository, path)
    output = stage_making(repository, path)
    if tracked is Tracked.REFUSE:
        check_untracked(repository, path, hint="with --untrack git forgets them, and the files stay where they are")
    for pointer in (output.lock if output else layout.data_pointer(path), layout.dataset_file(dataset)):
        if rule := repository.git.ignored(layout.in_git(pointer)):
            source, line, pattern = rule.rsplit(":", 2) if rule.count(":") > 1 else (rule, "", "")
            raise UnsupportedFileError(
                f"git ignores {pointer}: rule {pattern!a} in {source}, line {line}",
                hint=f"ignore the data, not its pointers: dsv writes the rule for {path} itself",
                details={"file": pointer, "rule": rule},
            )
    return output


def check_untracked(repository: Repository, path: str, *, hint: str = "") -> None:
    """TrackedError while git holds files of the data: bytes belong to DVC alone."""
    held = tracked_files(repository, path)
    if held:
        raise TrackedError(
            f"git tracks {len(held)} file{'s' if len(held) > 1 else ''} of {path} already, for instance {held[0]!a}",
            hint=hint or f"git rm -r --cached {path}, and commit; the files stay where they are",
            details={"files": len(held)},
        )


def tracked_files(repository: Repository, path: str) -> list[str]:
    """The files of the data that git's index holds, sorted; ConflictError where a merge left one undecided."""
    return sorted(map(repository.layout.from_git, repository.git.staged(repository.layout.in_git(path))))


def _wait_for_stage(repository: Repository, path: str) -> None:
    """LockedError while a stage that is running makes the data, and does not end in time: half of it may be there."""
    root = repository.layout.root
    writer = dvc.writer_of(root, path)
    if writer is None:
        return
    who = f"DVC (process {writer.process}), which is making {writer.path}"
    done = wait_until(
        lambda: dvc.writer_of(root, path) is None,
        timeout=repository.lock_timeout,
        told=f"waiting for {who}",
        tell=repository.tell,
    )
    if not done:
        raise LockedError(
            f"{who}, is at work: {writer.file} says so",
            hint="run this again when it has finished, or give --lock-timeout more seconds",
            details={"file": writer.file, "pid": writer.process, "path": writer.path},
        )


def _check_own_pointer(repository: Repository, path: str) -> None:
    """Refuse a `.dvc` file that a release could not bring up to date: an import, or one of something else."""
    file = repository.layout.data_pointer(path)
    content = repository.text(file)
    if content is None:
        return
    pointer = dvc.parse_pointer(content, file=file)
    dvc.refuse_import(pointer, file=file)
    if pointer.path != path.rpartition("/")[2]:
        raise BadManifestError(
            f"{file} is the pointer to {pointer.path!a}, not to {path}",
            hint=f"rename it, and dvc commit; then dsv add {path}",
            details={"file": file, "path": pointer.path},
        )
    if not pointer.pushed:
        repository.tell(f"{file} says push: false, so dvc push leaves its data out: others cannot pull this version")


def _refuse_outputs_of_dvc(repository: Repository, path: str) -> None:
    """TrackedError when DVC tracks a directory above the path, or something in it, or the path by another pointer."""
    layout = repository.layout
    parts = path.split("/")
    for depth in range(1, len(parts)):
        above = "/".join(parts[:depth])
        if repository.text(layout.data_pointer(above)) is not None:
            raise TrackedError(
                f"DVC tracks {above} as a whole ({layout.data_pointer(above)}), and {path} with it",
                hint=f"dsv add {above}, or dvc remove {layout.data_pointer(above)} first",
            )
    for file in tracked_files(repository, path):
        if file.endswith(".dvc") or file.rpartition("/")[2] in _OF_PIPELINES:
            raise TrackedError(
                f"{file} lies in {path}: DVC tracks a part of it already",
                hint=f"dsv add that part, or give it up (dvc remove) before you add {path} as a whole",
                details={"file": file},
            )
    for file in _pointers_elsewhere(repository, path):
        raise TrackedError(
            f"{file} is a DVC pointer to {path} already, or to a part of it, and has not its name",
            hint=f"dvc remove {file}, which leaves the data where it is; then dsv add {path}",
            details={"file": file},
        )
    for output in stage_outputs(repository, path):
        if output.path == path:
            refuse_uncached(output)
            if repository.text(layout.data_pointer(path)) is not None:
                raise TrackedError(
                    f"{path} is made by the stage {output.stage}, and has a pointer of its own beside it",
                    hint=f"DVC takes one of them: git rm {layout.data_pointer(path)}, or take it out of the stage",
                )
        elif _overlap(path, output.path):
            raise TrackedError(
                f"{output.path} is made by the stage {output.stage} of {output.pipeline}, so DVC tracks it already",
                hint=f"dsv add {output.path} releases it as it is; or release a copy at another path",
                details={"path": output.path, "stage": output.stage},
            )


def _pointers_elsewhere(repository: Repository, path: str) -> list[str]:
    """The `.dvc` files of git's index that point to the path or into it, and are not those that their names say."""
    layout = repository.layout
    found = []
    for name in repository.git.tracked("*.dvc"):
        file = layout.from_git(name)
        usual = file.removesuffix(".dvc")
        if layout.in_git(file) != name or _overlap(path, usual) or _overlap(file, layout.manifests):
            continue
        content = repository.text(file)
        named = content is not None and any(part.encode() in content for part in path.split("/"))
        if content and named and any(_overlap(path, each) for each in dvc.pointed_to(content, file=file)):
            found.append(file)
    return sorted(found)


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(other + "/") or other.startswith(one + "/")
