"""Records of runs in files: where the repository of what they used is not at hand, or is to hear of them later."""

from __future__ import annotations

import os
from collections.abc import Sequence

from dsv.adapters.git import Git
from dsv.errors import BadManifestError, DsvError, UsageError
from dsv.model.run import Run, UsedVersion, dump_run, file_of_run, load_run, together
from dsv.repository.files import read_text, write_new
from dsv.repository.known.runs import UseByRun

KEPT = "dsv-runs"
"""The directory of records that no repository of their datasets has yet."""

_MOST_ALIKE = 1000
"""Runs of one id that begin in one second."""


def keep_run(run: Run, uses: Sequence[UsedVersion], *, directory: str, to: str | None = None) -> str:
    """The new file that the record of the run with these uses is now in; see `record_run`.

    ExistsError where `to` names one that is there.
    """
    content = dump_run(run.model_copy(update={"datasets": together(uses)}))
    if to is not None:
        write_new(to, content)
        return to
    stem, suffix = os.path.splitext(os.path.join(kept_in(directory), file_of_run(run)))
    for more in ("", *(f"-{number}" for number in range(2, _MOST_ALIKE))):
        path = f"{stem}{more}{suffix}"
        if not os.path.lexists(path):
            break
    write_new(path, content)
    return path


def kept_in(directory: str) -> str:
    """The directory of records: at the root of the git repository that the directory lies in, else in it itself."""
    return os.path.join(_root_of(directory), KEPT)


def _root_of(directory: str) -> str:
    try:
        return Git.discover(os.path.realpath(directory)).root
    except DsvError:
        return directory


def kept_runs(directory: str) -> dict[str, list[UseByRun]]:
    """What the records that lie there say of versions, by file; what is no such record, or names none, is left out."""
    place = kept_in(directory)
    found = {}
    for name in sorted(os.listdir(place)) if os.path.isdir(place) else ():
        path = os.path.join(place, name)
        if name.endswith(".yaml") and (run := _read(path)) is not None and run.datasets:
            found[path] = [
                UseByRun(run.id, each.name, each.version, "", None, run.event_data(each), each.repository or "")
                for each in run.datasets
            ]
    return found


def _read(path: str) -> Run | None:
    try:
        return load_run(read_text(path, shown=path) or b"", file=path).value
    except (BadManifestError, UsageError):
        return None
