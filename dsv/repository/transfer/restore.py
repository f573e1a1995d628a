"""Bringing a version's bytes back, and never over data that no version holds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import (
    BadManifestError,
    ConflictError,
    ExistsError,
    IntegrityError,
    NoDatasetError,
    NoPathError,
)
from dsv.model.progress import summed
from dsv.repository import files
from dsv.repository.comparing.objects import files_of
from dsv.repository.contents import scan_cache
from dsv.repository.contents.walk import WalkedFile, walk
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.declared.places import check_untracked
from dsv.repository.declared.pointers import lock_text, own_pointer, stage_making
from dsv.repository.known.catalog import KnownVersion, read_manifest, versions_of
from dsv.repository.writing.placing import Placing, changes, place, place_files

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest
    from dsv.repository.repository import Repository
    from dsv.repository.scoring.score_files import ScorePointer


def place_of(repository: Repository, known: KnownVersion, manifest: Manifest) -> str:
    """Where the data of the version belongs today: where its dataset was moved to since, if it was."""
    try:
        return load_dataset_file(repository, versions_of(repository, known.dataset).dataset).path
    except (NoDatasetError, BadManifestError):
        return manifest.data.path


def put_into_work_tree(
    repository: Repository, known: KnownVersion, manifest: Manifest, *, force: bool, operation: str | None = None
) -> str:
    """The path of the dataset, with the version's data there, and the pointer that says so; the caller holds the lock.

    Files that are right already are not touched. `operation` is what it is called when it is interrupted; without one
    the caller has a journal that leads to it. ConflictError, with nothing changed, when the bytes of a file would be
    lost: no version has them in the cache.
    """
    layout, path = repository.layout, place_of(repository, known, manifest)
    placing = _plan(repository, known, manifest, path=path, force=force)
    pointer = dvc.Pointer(
        md5=manifest.digests.dvc.removeprefix("md5:"),
        size=manifest.data.bytes,
        path=os.path.basename(path),
        nfiles=manifest.data.files if manifest.digests.dvc.endswith(".dir") else None,
    )
    output = stage_making(repository, path)
    content = None if output else own_pointer(repository, path, pointer)
    file = layout.data_pointer(path)
    if content is not None and files.read_bytes(layout.absolute(file)) != content:
        text = content.decode(errors="surrogateescape")
        placing = replace(placing, pointer=layout.in_git(file), text=text)
    place(repository, placing, operation=operation)
    if output is not None:
        _tell_of_lock(repository, output, known, pointer)
    return path


def _tell_of_lock(repository: Repository, output: dvc.StageOutput, known: KnownVersion, pointer: dvc.Pointer) -> None:
    """Say that dvc.lock, which the pipeline writes, names other data than was put there."""
    text = lock_text(repository, output)
    said = dvc.locked(text, output) if text is not None else None
    if said is None or said.md5 != pointer.md5:
        repository.tell(
            f"{output.path} holds {known.name}, and {output.lock} names what the stage {output.stage} made last: "
            f"dvc status shows the difference, dvc checkout {output.path} brings that back"
        )


def put_index_into_work_tree(repository: Repository, known: KnownVersion, manifest: Manifest) -> None:
    """The version's record index beside its manifest, where a pointer to it lies there: plain DVC looks for it."""
    layout = repository.layout
    if not os.path.exists(layout.absolute(layout.index_pointer(known.dataset, known.version))):
        return
    cache = dvc.find_cache(layout.root)
    target = layout.absolute(layout.index_directory(known.dataset, known.version))
    wanted = dict(dvc.read_directory_object(cache, manifest.digests.index.removeprefix("md5:")))
    current = (
        {file.path: files.md5_of(file.source) for file in walk(target, shown=target)} if os.path.isdir(target) else {}
    )
    parent, _, name = layout.in_git(layout.index_directory(known.dataset, known.version)).rpartition("/")
    place(repository, Placing(parent, name, changes(current, wanted)), operation=None)


def put_scores_into_work_tree(repository: Repository, pointers: Iterable[ScorePointer]) -> None:
    """Files of scores beside the pointers that lie there: plain DVC looks for them."""
    layout = repository.layout
    for each in pointers:
        if os.path.exists(layout.absolute(each.file)):
            target = layout.absolute(each.path)
            folder, _, name = each.path.rpartition("/")
            current = {name: files.md5_of(target)} if os.path.isfile(target) else {}
            place_files(repository, f"{folder}/{name}", {name: each.oid}, current=current, is_directory=False)


def refuse_loss(repository: Repository, known: KnownVersion, manifest: Manifest) -> None:
    """What `put_into_work_tree` would refuse, refused with nothing written."""
    _plan(repository, known, manifest, path=place_of(repository, known, manifest), force=False)


def _plan(repository: Repository, known: KnownVersion, manifest: Manifest, *, path: str, force: bool) -> Placing:
    """What turns the work tree's data at the path into the version's."""
    layout = repository.layout
    check_untracked(repository, path)
    cache = dvc.find_cache(layout.root)
    wanted = dict(files_of(repository, manifest))
    dvc.require_objects(cache, list(wanted.items()))
    target = layout.absolute(path)
    walked = _walked(repository, path)
    is_directory = manifest.digests.dvc.endswith(".dir")
    if not is_directory:  # which has the name of the path that it lies at
        wanted = dict.fromkeys([os.path.basename(path)], *wanted.values())
    if walked and os.path.isdir(target) != is_directory:
        here, there = ("file", "directory") if is_directory else ("directory", "file")
        raise ConflictError(f"{path} is a {here}, and a {there} in {known.name}", hint="move it away first")
    current = digests_of(repository, known.dataset, walked)
    if not force:
        replaced = {name: md5 for name, md5 in current.items() if wanted.get(name) != md5}
        _refuse_loss(repository, known, replaced, cache=cache, path=path)
    return Placing.of(layout.in_git(path), current, wanted, is_directory=is_directory)


def files_here(repository: Repository, dataset: str, path: str) -> dict[str, str]:
    """Path -> md5 of the data as it lies in the work tree; empty where there is none."""
    return digests_of(repository, dataset, _walked(repository, path))


def _walked(repository: Repository, path: str) -> list[WalkedFile]:
    try:
        return walk(repository.layout.absolute(path), shown=path)
    except NoPathError:
        return []


def put_into_directory(
    repository: Repository, cache: dvc.Cache, entries: Sequence[dvc.Entry], directory: str, *, force: bool
) -> None:
    """The files directly in the directory, which is made if absent; ExistsError when it is not empty."""
    if os.path.lexists(directory) and not os.path.isdir(directory):
        raise ExistsError(f"{directory} is no directory", hint="name another")
    if os.path.isdir(directory) and os.listdir(directory) and not force:
        raise ExistsError(f"{directory} is not empty", hint="name another, or give --force to write into it")
    dvc.require_objects(cache, entries)
    os.makedirs(directory, exist_ok=True)
    os.makedirs(repository.state, exist_ok=True)
    total = sum(os.path.getsize(cache.path_of(md5)) for _, md5 in entries)
    advance = summed(repository.progress, "restoring", total=total)
    dvc.materialise(
        cache, entries, base=directory, directory="", staging=repository.state, progress=lambda _, size: advance(size)
    )


def digests_of(repository: Repository, dataset: str, walked: Sequence[WalkedFile]) -> dict[str, str]:
    """Path -> md5 of the work tree's files; those that the last look saw as they are now are not opened."""
    seen = scan_cache.load(os.path.join(repository.work_state, dataset), declarations=None)
    digests = {}
    for file in walked:
        before = seen.files.get(file.path) if seen else None
        if before is not None and before.signature == file.signature:
            digests[file.path] = before.md5
        else:
            digests[file.path] = files.md5_of(file.source)
    return digests


def _refuse_loss(
    repository: Repository, known: KnownVersion, replaced: Mapping[str, str], *, cache: dvc.Cache, path: str
) -> None:
    """ConflictError when a version with these bytes, (path, md5) about to be replaced, cannot bring them back."""
    unsaved = set(replaced.values()) - _held(repository, known.dataset, set(replaced.values()), cache=cache)
    lost = sorted(name for name, md5 in replaced.items() if md5 in unsaved)
    if lost:
        raise ConflictError(
            f"{len(lost)} file{'s' if len(lost) > 1 else ''} of {path} would be lost, for instance {lost[0]!a}: "
            "no version holds what is in it",
            hint=f"release it first with dsv bump {known.dataset}, or give --force to throw it away",
            details={"count": len(lost), "files": lost[:10]},
        )


def _held(repository: Repository, dataset: str, wanted: set[str], *, cache: dvc.Cache) -> set[str]:
    """Those of the objects that a released version lists and the cache holds."""
    present = wanted.difference(cache.missing(wanted))
    held: set[str] = set()
    for known in reversed(versions_of(repository, dataset).known):
        if held == present:
            break
        try:
            entries = files_of(repository, read_manifest(repository, known))
        except (IntegrityError, BadManifestError):
            continue
        held.update(md5 for _, md5 in entries if md5 in present)
    return held
