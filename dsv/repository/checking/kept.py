"""The files of git that are checked: those that are new, or where nothing says what is new those that dsv knows of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.adapters.git import kept_files
from dsv.adapters.git.work_tree import callers_index, staged_changes
from dsv.checks.kept_files import KeptFile
from dsv.model.decoding import MAXIMUM_BYTES
from dsv.model.secrecy import kind_of_secret
from dsv.repository.layout import ARTIFACTS, SETTINGS

if TYPE_CHECKING:
    from dsv.adapters.git.kept_files import Kept
    from dsv.repository.checking.scope import Scope
    from dsv.repository.layout import Layout
    from dsv.repository.repository import Repository

_OF_DVC = (".dvc/cache/", ".dvc/tmp/")
_BINARY_LOOK = 8000
"""Bytes of a file in which a NUL tells git that it is no text."""
_LOT_BYTES = 32 << 20
_OF_AN_INDEX, _OF_SCORES = 2, 3
"""The parts of paths below the manifests: NAME/index/VERSION, NAME/scores/FILE."""


def kept_since(scope: Scope, paths: Sequence[str]) -> list[KeptFile]:
    """What came since the base, in whatever commit; without a base all files of HEAD, looked into where they are dsv's.

    `paths` are where data of datasets lies, beside what has a pointer. With names it is only looked for their data.
    """
    git, layout = scope.repository.git, scope.repository.layout
    if scope.head is None:
        return []
    if scope.names:
        own = kept_files.in_tree(git, scope.head, *map(layout.in_git, paths)) if paths else []
        return _files(scope.repository, own, paths, looked_into=[])
    below = [layout.prefix] if layout.prefix else []
    here = kept_files.in_tree(git, scope.head, *below)
    paths = [*paths, *_pointed(layout, (each.path for each in here))]
    if scope.base is None:
        own = [each for each in here if _is_of_tools(layout, layout.from_git(each.path))]
        return _files(scope.repository, here, paths, looked_into=own)
    if scope.base.whole:
        there = {(each.path, each.blob) for each in here}
        came = kept_files.added_since(git, scope.head, base=scope.base.commit)
        came = [replace(each, commit=None) if (each.path, each.blob) in there else each for each in came]
    else:  # the first commit that is here seems to have added everything
        before = {(each.path, each.blob) for each in kept_files.in_tree(git, scope.base.commit, *below)}
        came = [each for each in here if (each.path, each.blob) not in before]
    came = [each for each in came if _is_below(layout, each)]
    return _files(scope.repository, came, paths, looked_into=came)


def kept_staged(repository: Repository) -> list[KeptFile]:
    """What the next commit adds or edits."""
    git = repository.git
    paths = _pointed(repository.layout, git.tracked("*.dvc"))
    index = callers_index(git)
    found = kept_files.in_index(git, staged_changes(git, index=index), index=index)
    found = [each for each in found if _is_below(repository.layout, each)]
    return _files(repository, found, paths, looked_into=found)


def _files(
    repository: Repository, kept: Sequence[Kept], paths: Sequence[str], *, looked_into: Sequence[Kept]
) -> list[KeptFile]:
    """The files as the checks see them; of those looked into, the texts that may hold a secret."""
    layout = repository.layout
    texts = _suspicious(repository, {each.blob: each.size for each in looked_into})
    folders = set(paths)
    found = []
    for each in kept:
        path = layout.from_git(each.path)
        data_of = None if each.commit else _data_of(layout, path, folders)
        found.append(KeptFile(path, each.size, texts.get(each.blob), each.commit, data_of))
    return found


def _suspicious(repository: Repository, sizes: Mapping[str, int]) -> dict[str, bytes]:
    """The texts in which something looks like a secret; of many files only these are held in memory."""
    found: dict[str, bytes] = {}
    lot: list[str] = []
    weight = 0
    for number, (blob, size) in enumerate(sizes.items(), start=1):
        if size <= MAXIMUM_BYTES:
            lot.append(blob)
            weight += size
        if weight >= _LOT_BYTES or number == len(sizes):
            for name, content in kept_files.raw(repository.git, lot).items():
                is_text = b"\0" not in content[:_BINARY_LOOK]
                if is_text and kind_of_secret(content.decode(errors="replace")) is not None:
                    found[name] = content
            lot, weight = [], 0
    return found


def _data_of(layout: Layout, path: str, folders: set[str]) -> str | None:
    """Which data the file is, in words; None for one that is none."""
    parts = path.split("/")
    above = {"/".join(parts[:depth]) for depth in range(1, len(parts) + 1)}
    if inside := above & folders:
        return f"data of {min(inside)}, which DVC keeps"
    if path.startswith(_OF_DVC):
        return "a part of DVC's own directory, and no setting"
    own = path[len(layout.manifests) + 1 :].split("/") if path.startswith(f"{layout.manifests}/") else []
    if len(own) > _OF_AN_INDEX and own[1] == "index":
        return "a record index, which DVC keeps"
    if len(own) == _OF_SCORES and own[1] == "scores" and own[2].endswith(".parquet"):
        return "a file of scores, which DVC keeps"
    return None


def _is_of_tools(layout: Layout, path: str) -> bool:
    """Whether dsv or DVC writes the file, or people for them."""
    name = path.rpartition("/")[2]
    own = path in (SETTINGS, dvc.CONFIG, dvc.LOCAL_CONFIG, "params.yaml") or path.startswith(f"{layout.manifests}/")
    return own or name in (ARTIFACTS, "dvc.lock") or name.endswith(".dvc")


def _pointed(layout: Layout, files: Iterable[str]) -> list[str]:
    """The paths of data that has a pointer among these files of git's."""
    return [layout.from_git(file).removesuffix(".dvc") for file in files if file.endswith(".dvc")]


def _is_below(layout: Layout, kept: Kept) -> bool:
    return not layout.prefix or kept.path.startswith(f"{layout.prefix}/")
