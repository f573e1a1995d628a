"""`dsv run record`: a run that is told of, or that a file tells of, as events in git."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dsv.errors import ExistsError, NoDatasetError, NoPathError, UsageError
from dsv.model.run import (
    Outcome,
    Run,
    Use,
    UsedVersion,
    as_metric,
    as_parameter,
    check_run_id,
    load_run,
    new_run,
    together,
)
from dsv.repository import Repository, open_repository
from dsv.repository.files import read_text
from dsv.repository.known.catalog import require_dataset
from dsv.repository.running.code import code_in
from dsv.repository.running.kept import keep_run
from dsv.repository.running.model_files import model_at
from dsv.repository.running.recording import RecordedRun, record_events

if TYPE_CHECKING:
    from dsv.model.progress import Tell


@dataclass(frozen=True)
class Told:
    """What a person says of a run: how it ended and when, the model's path, metrics, parameters, where the code is."""

    id: str
    outcome: Outcome = Outcome.FINISHED
    started_at: str | None = None
    finished_at: str | None = None
    model: str | None = None
    metrics: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    code: str = "."


@dataclass(frozen=True)
class RecordedRuns:
    """Runs that files told of: those recorded, and the files of those that were recorded before."""

    runs: Sequence[RecordedRun]
    known: Sequence[str]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"runs": [each.document() for each in self.runs], "known": list(self.known)}


def run_record(told: Told, uses: Sequence[Use], *, to: str | None = None, tell: Tell) -> RecordedRun:
    """The run with these uses, recorded as an event of each version in the clones that these were found in.

    With `to`, or of what lies in no clone here, it is recorded in a file. Errors: UsageError without a version,
    NoPathError for a model that is not there; ExistsError where it is recorded already.
    """
    # gather
    if not uses:
        raise UsageError(f"{told.id} names no version", hint="name what it used: --dataset leases@1.1.0")
    used = together(each.version for each in uses)
    run = _run_of(told).model_copy(update={"datasets": used})
    # record
    if to is not None or any(each.root is None for each in uses):
        return RecordedRun(run, file=keep_run(run, used, directory=os.getcwd(), to=to))
    done = [
        record_events(
            open_repository(root, tell=tell), run, together(each.version for each in uses if each.root == root)
        )
        for root in sorted({each.root for each in uses if each.root is not None})
    ]
    return RecordedRun(
        run, [file for each in done for file in each.events], [commit for each in done for commit in each.commits]
    )


def bring_runs(repository: Repository, *files: str) -> RecordedRuns:
    """The runs that these files tell of, recorded as events of the versions that are here.

    A version of a dataset that is not here is told of and left to the repository that has it. Errors: NoPathError and
    BadManifestError for a file; NoDatasetError where none of a run's datasets is here, MismatchError where a version
    has other data than was used; ExistsError where all of it is recorded already.
    """
    # gather
    told = [(file, _loaded(file)) for file in files]
    # record
    done, known = list[RecordedRun](), list[str]()
    for file, run in told:
        try:
            done.append(_brought(repository, run, file=file))
        except ExistsError:
            known.append(file)
    if not done:
        raise ExistsError(f"{', '.join(known)}: recorded already", hint="dsv run list shows what is")
    return RecordedRuns(done, known)


def _brought(repository: Repository, run: Run, *, file: str) -> RecordedRun:
    here, elsewhere = list[UsedVersion](), list[UsedVersion]()
    for each in run.datasets:
        (here if _is_here(repository, each.name) else elsewhere).append(each)
    if not here:
        names = ", ".join(each.reference for each in run.datasets) or "no version"
        raise NoDatasetError(f"{file} tells of {names}, and none of that is here", hint="record it where they are")
    for each in elsewhere:
        repository.tell(f"{file}: {each.reference} is of another repository, and left to that")
    return record_events(repository, run, here)


def _is_here(repository: Repository, name: str) -> bool:
    try:
        require_dataset(repository, name)
    except NoDatasetError:
        return False
    return True


def _loaded(file: str) -> Run:
    content = read_text(file, shown=file)
    if content is None:
        raise NoPathError(f"there is no file {file}", hint="name the record of a run, as lies in dsv-runs")
    return load_run(content, file=file).value


def _run_of(told: Told) -> Run:
    found = code_in(told.code)
    code, root = found if found is not None else (None, None)
    return new_run(
        {
            "id": check_run_id(told.id),
            "status": told.outcome.value,
            "started_at": told.started_at,
            "finished_at": told.finished_at,
            "model": None if told.model is None else model_at(told.model, root=root),
            "metrics": {name: as_metric(name, value) for name, value in told.metrics.items()},
            "params": {name: as_parameter(name, value) for name, value in told.params.items()},
            "code": code,
        }
    )
