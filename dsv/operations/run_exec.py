"""`dsv run exec`: a command run as it is, and what `dsv.load` handed out to it recorded."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dsv.adapters.command import Output, run_command, signal_name
from dsv.errors import DsvError, UsageError
from dsv.model.run import Outcome, Use
from dsv.repository.running.notes import NOTES
from dsv.repository.running.recording import RecordedRun
from dsv.repository.running.under_way import Ended, begin, end

if TYPE_CHECKING:
    from dsv.model.progress import Tell

_INTERRUPTED = frozenset({"SIGINT", "SIGTERM", "SIGHUP"})


@dataclass(frozen=True)
class ExecTold:
    """What is said of the run beforehand: its id, what it uses besides, and what it leaves and was told."""

    id: str = ""
    uses: Sequence[Use] = ()
    model: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    to: str | None = None


@dataclass(frozen=True)
class Executed:
    """A command that has ended: its exit code, and the run; None where it used nothing by itself.

    `below` are the runs in it that recorded themselves.
    """

    exit_code: int
    run: RecordedRun | None
    below: Sequence[str]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        run = None if self.run is None else self.run.document()
        return {"exit_code": self.exit_code, "run": run, "below": list(self.below)}


def run_exec(command: Sequence[str], told: ExecTold, *, output: Output = Output.OWN, tell: Tell) -> Executed:
    """The command, run with our environment in this directory, and the record of the run.

    Its exit code is 128 and a number where a signal ended it. Neither the command line nor the environment is
    recorded. Errors: NoPathError where there is no such program; where it ended well, those of the record.
    """
    if not command:
        raise UsageError("no command is given", hint="dsv run exec -- python train.py")
    directory = os.getcwd()
    # gather
    run = begin(told.id, directory=directory, code=directory)
    try:
        code = run_command(command, environment={NOTES: run.notes}, output=output)
    except BaseException:
        os.unlink(run.notes)
        raise
    # record
    ended = Ended(_outcome(code), exit_code=code, error=signal_name(code), model=told.model, params=told.params)
    try:
        recorded, below = end(run, ended, more=told.uses, to=told.to, tell=tell)
    except DsvError as error:
        if not code:
            raise
        tell(f"the run {run.id} is not recorded: {error.message}")
        return Executed(code, None, ())
    return Executed(code, recorded, below)


def _outcome(code: int) -> Outcome:
    if not code:
        return Outcome.FINISHED
    return Outcome.INTERRUPTED if signal_name(code) in _INTERRUPTED else Outcome.FAILED
