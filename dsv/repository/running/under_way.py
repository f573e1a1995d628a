"""A run from its beginning to its end: what it is given meanwhile is noted, and recorded when it ends."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dsv.errors import DsvError
from dsv.model.run import Code, Model, Outcome, Use, as_metric, as_parameter, check_run_id, new_run
from dsv.model.secrecy import without_secrets_of_urls
from dsv.repository.clock import now
from dsv.repository.files import remove
from dsv.repository.running.code import code_in
from dsv.repository.running.model_files import model_at, shown_path
from dsv.repository.running.notes import noted
from dsv.repository.running.recording import RecordedRun, record_run

if TYPE_CHECKING:
    from dsv.model.progress import Tell


@dataclass(frozen=True)
class UnderWay:
    """A run that has begun: `notes` is the file of what is handed out to it, `root` that of the code's repository."""

    id: str
    started_at: str
    code: Code | None
    root: str | None
    directory: str
    notes: str


@dataclass(frozen=True)
class Ended:
    """How a run ended, and what came of it; `error` is the kind of error or the signal, never its message."""

    outcome: Outcome = Outcome.FINISHED
    exit_code: int | None = None
    error: str | None = None
    model: str | None = None
    metrics: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)


def begin(run: str = "", *, directory: str, code: str) -> UnderWay:
    """A run with this id, or one of its own, in a directory; `code` is a directory of the code's repository.

    UsageError where no run can have that id.
    """
    started = now()
    made = f"run-{''.join(each for each in started if each.isalnum())}-{os.urandom(2).hex()}"
    chosen = check_run_id(run or made)
    found = code_in(code)
    known, root = found if found is not None else (None, None)
    handle, notes = tempfile.mkstemp(prefix="dsv-run-", suffix=".jsonl")
    os.close(handle)
    return UnderWay(chosen, started, known, root, directory, notes)


def end(
    run: UnderWay, ended: Ended, *, more: Sequence[Use] = (), to: str | None = None, tell: Tell
) -> tuple[RecordedRun | None, list[str]]:
    """The run recorded, None where nothing was handed out to it; and the runs below it that recorded themselves.

    `more` are versions that were used besides. Errors: those of `record_run`.
    """
    uses, below = noted(run.notes)
    remove(run.notes)
    uses = [*uses, *more]
    if not uses:
        return None, below
    told = new_run(
        {
            "id": run.id,
            "status": ended.outcome.value,
            "started_at": run.started_at,
            "finished_at": now(),
            "exit_code": ended.exit_code,
            "error": ended.error,
            "model": _model(run, ended.model, tell=tell),
            "metrics": {name: as_metric(name, value) for name, value in ended.metrics.items()},
            "params": {name: as_parameter(name, value) for name, value in ended.params.items()},
            "code": run.code,
        }
    )
    return record_run(told, uses, directory=run.directory, to=to, tell=tell), below


def _model(run: UnderWay, path: str | None, *, tell: Tell) -> Model | None:
    """The model; without a digest where it cannot be read, which is told: what else there is to record is."""
    if path is None:
        return None
    try:
        return model_at(path, root=run.root)
    except DsvError as error:
        tell(f"the model of {run.id} is recorded without its digest: {error.message}")
        return Model(path=without_secrets_of_urls(shown_path(path, root=run.root)))
