"""What the stages of pipelines make, as dvc.yaml declares it and dvc.lock records it.

dvc.yaml is a template (variables, foreach, matrix), which DVC itself fills in; dvc.lock is plain, and is read and
edited here as text.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dsv.adapters.dvc.opening import opened
from dsv.adapters.dvc.pointer import Pointer, output_of, yaml_document
from dsv.adapters.dvc.templates import refuse_endless
from dsv.errors import ConflictError

LOCK_NAME = "dvc.lock"


@dataclass(frozen=True, slots=True)
class StageOutput:
    """One output of a stage, which dvc.lock calls `stage` (of a foreach, `NAME@ITEM`); files are relative to the root.

    `path` is where the output lies, `spelled` is how dvc.lock writes that; `cached` and `pushed` are whether DVC keeps
    its bytes, and takes them along with a push.
    """

    stage: str
    pipeline: str
    path: str
    spelled: str
    cached: bool = True
    pushed: bool = True

    @property
    def lock(self) -> str:
        """The dvc.lock beside the dvc.yaml."""
        return f"{self.pipeline.rpartition('/')[0]}/{LOCK_NAME}".lstrip("/")

    @property
    def address(self) -> str:
        """The stage as `dvc repro` takes it at the root."""
        return f"{self.pipeline}:{self.stage}" if "/" in self.pipeline else self.stage


def stage_outputs(root: str, pipelines: Iterable[str]) -> list[StageOutput]:
    """Every output of every stage of the dvc.yaml files, which are relative to the root.

    Outputs outside of the root are left out. DvcError for a file that DVC cannot make sense of, BadManifestError for
    one that it could not fill in.
    """
    found = []
    for pipeline in (pipelines := list(pipelines)):
        refuse_endless(root, pipeline)
    with opened(root) as repo:
        from dvc.dvcfile import load_file

        for pipeline in pipelines:
            for stage in load_file(repo, os.path.join(root, *pipeline.split("/"))).stages.values():
                found += [
                    StageOutput(
                        stage.name,
                        pipeline,
                        os.path.relpath(output.fs_path, root).replace(os.sep, "/"),
                        output.def_path,
                        cached=output.use_cache,
                        pushed=output.can_push,
                    )
                    for output in stage.outs
                    if output.is_in_repo
                ]
    return found


def has_stages(text: bytes) -> bool:
    """Whether a dvc.yaml may declare stages; most hold artifacts only, and need no closer look."""
    return b"stages" in text


def locked(text: bytes, output: StageOutput) -> Pointer | None:
    """What dvc.lock says of the output; None where it says nothing. BadManifestError where it is no dvc.lock.

    A stage that was renamed since is found by its output.
    """
    name = _name_in(text, output)
    if name is None:
        return None
    entries = _outputs(_stages(text, file=output.lock)[name])
    return next(output_of(each, file=output.lock) for each in entries if each.get("path") == output.spelled)


def lock_with_stage(text: str, output: StageOutput, *, source: bytes) -> str:
    """The text of dvc.lock with the output's stage as `source`, another dvc.lock, has it; all else stays.

    ConflictError where one of them has no such stage, or the text is not laid out as DVC writes it.
    """
    called = _name_in(source, output)
    wanted = None if called is None else _block(source.decode("utf-8", "surrogateescape"), called)
    present = _block(text, output.stage)
    if wanted is not None and called != output.stage:  # it had another name then
        wanted = "".join((present or "").splitlines(keepends=True)[:1] + wanted.splitlines(keepends=True)[1:])
    changed = text if wanted is None or present is None else text.replace(present, wanted, 1)
    said = locked(changed.encode("utf-8", "surrogateescape"), output)
    if wanted is None or said is None or said != locked(source, output):
        raise ConflictError(
            f"{output.lock} has no stage {output.stage} that could be put in the place of today's",
            hint=f"dvc repro {output.address}, and commit {output.lock}",
        )
    return changed


def _name_in(text: bytes, output: StageOutput) -> str | None:
    """What dvc.lock calls the stage that makes the output; None where none makes it."""
    stages = _stages(text, file=output.lock)
    names = [output.stage, *stages] if output.stage in stages else list(stages)
    made = (name for name in names for entry in _outputs(stages[name]) if entry.get("path") == output.spelled)
    return next(made, None)


def _block(text: str, stage: str) -> str | None:
    """The lines of the stage in a dvc.lock, as DVC writes them: its name, indented by two, and what stands below it."""
    lines = text.splitlines(keepends=True)
    names = {f"  {stage}:", f"  '{stage}':", f'  "{stage}":'}
    start = next((at for at, line in enumerate(lines) if line.rstrip("\r\n") in names), None)
    if start is None:
        return None
    below = range(start + 1, len(lines))
    end = next((at for at in below if lines[at].strip() and not lines[at].startswith("   ")), len(lines))
    return "".join(lines[start:end])


def _stages(text: bytes, *, file: str) -> dict[str, Any]:
    document = yaml_document(text, file=file)
    stages = document.get("stages") if isinstance(document, dict) else None
    return stages if isinstance(stages, dict) else {}


def _outputs(stage: Any) -> list[dict[str, Any]]:
    outputs = stage.get("outs") if isinstance(stage, dict) else None
    return [each for each in outputs if isinstance(each, dict)] if isinstance(outputs, list) else []
