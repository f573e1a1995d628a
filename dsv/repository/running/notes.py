"""What was handed out while a run is on: noted, a line a version, in a file that the environment names.

So a process learns what its children were given, and threads need no care. Whoever hands a version out calls
`note_found`; where no run is on, that is a look at the environment.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsv.model.portion import Portion
    from dsv.model.reference import Ref
    from dsv.model.run import Use
    from dsv.repository.obtaining.finding import FoundVersion

NOTES = "DSV_RUN_NOTES"
"""The variable that names the file."""


def note_found(
    found: FoundVersion, *, asked: Ref, portion: Portion, commit: str | None = None, tag: str | None = None
) -> None:
    """Tell the run that is on, if one is, that the portion of a version was handed out; see `use_of_found`.

    Where the file cannot be written that is told, and nothing else happens: a training does not end for its records.
    """
    file = os.environ.get(NOTES)
    if not file:
        return
    from dsv.model.documents import plain
    from dsv.repository.running.uses import use_of_found

    use = use_of_found(found, asked=asked, portion=portion, commit=commit, tag=tag)
    try:
        _append({"used": plain(use.version), "root": use.root}, file)
    except OSError as error:
        found.origin.home.tell(f"no run learns that {found.name} was used: {file}: {error.strerror}")


def note_run(run: str) -> None:
    """Tell whoever looks on from outside, if anybody does, that this run was recorded by itself."""
    if file := os.environ.get(NOTES):
        try:
            _append({"run": run}, file)
        except OSError:
            return  # who looked on is gone, and the run is recorded


def noted(file: str) -> tuple[list[Use], list[str]]:
    """The versions that were handed out, and the runs that recorded themselves, in their order.

    A line that cannot be read is none of ours.
    """
    from dsv.errors import BadManifestError
    from dsv.model.documents import checked
    from dsv.model.run import Use, UsedVersion

    uses, runs = [], []
    with open(file, "rb") as stream:
        for line in stream:
            found = _parsed(line)
            root, run = found.get("root"), found.get("run")
            if isinstance(run, str):
                runs.append(run)
                continue
            try:
                with checked("a note"):
                    version = UsedVersion.model_validate_json(json.dumps(found.get("used")))
            except BadManifestError:
                continue
            uses.append(Use(version, root if isinstance(root, str) else None))
    return uses, runs


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _append(entry: dict[str, Any], file: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_APPEND)  # not made where it is not there: the run is over then
    try:
        os.write(handle, json.dumps(entry).encode() + b"\n")
    finally:
        os.close(handle)
