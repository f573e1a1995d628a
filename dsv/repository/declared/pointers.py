"""Where the pointer to a dataset's data is: in a `.dvc` file of its own, or in the dvc.lock of a pipeline."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.adapters.git.work_tree import places_of
from dsv.errors import ConflictError, TrackedError
from dsv.repository.layout import ARTIFACTS

if TYPE_CHECKING:
    from dsv.adapters.git.transaction import SharedEdit
    from dsv.repository.contents.snapshot import Snapshot
    from dsv.repository.repository import Repository


def stage_making(repository: Repository, path: str) -> dvc.StageOutput | None:
    """The stage output that the data at the path is; None where it has, or may have, a pointer of its own."""
    if repository.text(repository.layout.data_pointer(path)) is not None:
        return None
    return next((each for each in stage_outputs(repository, path) if each.path == path), None)


def stage_outputs(repository: Repository, path: str) -> list[dvc.StageOutput]:
    """What the stages of all pipelines of this DVC root make: those git tracks, and those above the path."""
    layout = repository.layout
    below = f"{layout.prefix}/" if layout.prefix else ""
    folders = [f"{folder}/" if folder else "" for folder in places_of(repository.git, ARTIFACTS)]
    found = {layout.from_git(f"{folder}{ARTIFACTS}") for folder in folders if folder.startswith(below)}
    parts = path.split("/")
    found.update("/".join([*parts[:depth], ARTIFACTS]) for depth in range(len(parts)))
    pipelines = [each for each in sorted(found) if _is_pipeline(repository, each)]
    return dvc.stage_outputs(layout.root, pipelines) if pipelines else []


def _is_pipeline(repository: Repository, file: str) -> bool:
    """Whether the dvc.yaml is here, declares stages, and belongs to this DVC root and to no dataset's data."""
    layout = repository.layout
    content = repository.text(file)
    if content is None or not dvc.has_stages(content):
        return False
    folders = file.split("/")[:-1]
    above = ["/".join(folders[:depth]) for depth in range(1, len(folders) + 1)]
    return not any(os.path.isdir(os.path.join(layout.absolute(each), ".dvc")) for each in above)


def lock_text(repository: Repository, output: dvc.StageOutput, *, revision: str | None = None) -> bytes | None:
    """The dvc.lock that records the output: of the work tree, or of a commit."""
    if revision is None:
        return repository.text(output.lock)
    name = f"{revision}:{repository.layout.in_git(output.lock)}"
    return repository.git.blobs([name]).get(name)


def pointer_here(repository: Repository, path: str) -> dvc.Pointer | None:
    """What the working tree says the data is: in dvc.lock where a stage makes it, else in its own `.dvc`.

    Errors: BadManifestError for a file that does not read.
    """
    output = stage_making(repository, path)
    if output is not None:
        text = lock_text(repository, output)
        return dvc.locked(text, output) if text is not None else None
    file = repository.layout.data_pointer(path)
    content = repository.text(file)
    return dvc.parse_pointer(content, file=file) if content is not None else None


@dataclass(frozen=True)
class Said:
    """What a file of a commit says that an object of DVC's is called; None where it says nothing, or is not there."""

    file: str
    there: bool
    oid: str | None


def said_of_data(repository: Repository, path: str, *, revision: str) -> Said:
    """What the commit's pointer to the data at the path says, be it a `.dvc` file or the dvc.lock of a pipeline.

    Errors: BadManifestError for a file that does not read.
    """
    said = said_by(repository, repository.layout.data_pointer(path), revision=revision)
    if said.there:
        return said
    for output in _outputs_at(repository, path, revision=revision):
        oid = _locked_oid(lock_text(repository, output, revision=revision), output)
        if oid is not None:
            return Said(output.lock, there=True, oid=oid)
    return said


def said_by(repository: Repository, file: str, *, revision: str) -> Said:
    """What a `.dvc` file of the commit says. Errors: BadManifestError for one that does not read."""
    name = f"{revision}:{repository.layout.in_git(file)}"
    text = repository.git.blobs([name]).get(name)
    return Said(file, text is not None, None if text is None else dvc.parse_pointer(text, file=file).md5)


def _outputs_at(repository: Repository, path: str, *, revision: str) -> Iterator[dvc.StageOutput]:
    """What the path may be the output of: of a stage of today, else of any pipeline that the commit has."""
    yield from (each for each in stage_outputs(repository, path) if each.path == path)
    for file in sorted(repository.git.tree(revision)):
        folder, _, name = repository.layout.from_git(file).rpartition("/")
        if name == dvc.LOCK_NAME and file.startswith(repository.layout.in_git("")):
            pipeline = f"{folder}/{ARTIFACTS}".lstrip("/")
            yield dvc.StageOutput("", pipeline, path, os.path.relpath(path, folder or "."))


def check_made_by_stage(repository: Repository, output: dvc.StageOutput, snapshot: Snapshot) -> None:
    """ConflictError unless the dvc.lock of the work tree, and that of HEAD, name the data as it is.

    dvc.lock is written by DVC alone, and committed by people together with what else it records; a release adds
    nothing to it.
    """
    oid, path = snapshot.oid, snapshot.path
    said = _locked_oid(lock_text(repository, output), output)
    if said != oid:
        raise ConflictError(
            f"{output.lock} does not say what {path} is, which the stage {output.stage} makes"
            if said is None
            else f"{path} is not what {output.lock} says the stage {output.stage} made",
            hint=f"dvc repro {output.address} makes it anew, dvc commit {output.address} takes it as it is; "
            f"then commit {output.lock}",
            details={"path": path, "stage": output.stage, "file": output.lock},
        )
    head = repository.git.head()
    committed = lock_text(repository, output, revision=head) if head else None
    pipeline = repository.layout.in_git(output.pipeline)
    if _locked_oid(committed, output) != oid or not (head and repository.git.tree(head, pipeline)):
        raise ConflictError(
            f"HEAD's {output.lock} does not name {path} as it is: what the stage {output.stage} made is not committed",
            hint=f"git add {output.pipeline} {output.lock}, git commit, then release it",
            details={"path": path, "stage": output.stage, "file": output.lock},
        )


def with_stage_of(repository: Repository, output: dvc.StageOutput, revision: str) -> SharedEdit:
    """The edit that gives dvc.lock the output's stage as it was at a revision; what it says of other stages stays."""
    source = lock_text(repository, output, revision=revision) or b""
    return lambda text: dvc.lock_with_stage(text, output, source=source)


def refuse_uncommitted(repository: Repository, file: str) -> None:
    """ConflictError while the file, of the index or the work tree, is not as HEAD has it."""
    git, path = repository.git, repository.layout.in_git(file)
    head, staged = git.tree("HEAD", path).get(path), git.staged(path).get(path)
    here = os.path.exists(repository.layout.absolute(file))  # not so in a sparse checkout
    blob = git.run("hash-object", "--", path).decode().strip() if here else staged.blob if staged else None
    if head is None or staged is None or not head.blob == staged.blob == blob:
        raise ConflictError(f"{file} has changes that are not committed", hint=f"git commit {file}, then run it again")


def _locked_oid(text: bytes | None, output: dvc.StageOutput) -> str | None:
    """DVC's name of the output; of one that DVC 2 recorded, by another digest, there is none."""
    said = dvc.locked(text, output) if text is not None else None
    return said.md5 if said is not None and said.hash_name == "md5" else None


def refuse_uncached(output: dvc.StageOutput) -> None:
    """TrackedError for an output whose bytes DVC does not keep."""
    if not output.cached:
        raise TrackedError(
            f"{output.path} is made by the stage {output.stage} with cache: false, so git keeps it and DVC does not",
            hint=f"take cache: false out of {output.pipeline}, git rm --cached {output.path}, and dvc repro",
            details={"path": output.path, "stage": output.stage},
        )


def own_pointer(repository: Repository, path: str, pointer: dvc.Pointer) -> bytes:
    """The text of the data's `.dvc` file; what people wrote into an existing one stays."""
    file = repository.layout.data_pointer(path)
    existing = repository.text(file)
    return dvc.render_pointer(pointer) if existing is None else dvc.updated_pointer(existing, pointer, file=file)
