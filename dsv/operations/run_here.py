"""`dsv.run`: a run that is the code between two lines of a program."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dsv.errors import DsvError
from dsv.model.run import Outcome, Use, as_metric
from dsv.repository.running.notes import NOTES, note_run, noted
from dsv.repository.running.under_way import Ended, UnderWay, begin, end

if TYPE_CHECKING:
    from dsv.model.progress import Tell
    from dsv.repository.running.recording import RecordedRun


class Metrics(MutableMapping[str, Any]):
    """Numbers by name; UsageError, at once, for what is none."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """The number of this name."""
        return self._values[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._values[name] = as_metric(name, value)

    def __delitem__(self, name: str) -> None:
        del self._values[name]

    def __iter__(self) -> Iterator[str]:
        """The names, in the order in which they came."""
        return iter(self._values)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)


class RunHere:
    """A run that is on: what is written here while it is, is recorded when it ends.

    `metrics` are numbers by name, `params` what the run was told, `model` the path of the file or directory that came
    of it. `recorded` is what was recorded, once it has ended; None where nothing was handed out to it.
    """

    def __init__(self, run: UnderWay, params: Mapping[str, Any]) -> None:
        self._run = run
        self._more: list[Use] = []
        self.metrics = Metrics()
        self.params = dict(params)
        self.model: str | os.PathLike[str] | None = None
        self.recorded: RecordedRun | None = None

    @property
    def id(self) -> str:
        """What the run is called."""
        return self._run.id

    @property
    def started_at(self) -> str:
        """When it began, in UTC."""
        return self._run.started_at

    def used(self) -> list[Use]:
        """The versions that were handed out to it so far."""
        return [*noted(self._run.notes)[0], *self._more]

    def add(self, use: Use) -> None:
        """It used this version too, which nobody handed out."""
        self._more.append(use)

    def ended(self, error: BaseException | None) -> Ended:
        """How it ended, with the kind of the error if it was by one."""
        code = error.code if isinstance(error, SystemExit) else None
        if error is None or (isinstance(error, SystemExit) and code in (None, 0)):
            outcome, kind = Outcome.FINISHED, None
        else:
            outcome = Outcome.INTERRUPTED if isinstance(error, KeyboardInterrupt) else Outcome.FAILED
            kind = type(error).__name__
        model = None if self.model is None else os.fspath(self.model)
        return Ended(outcome, error=kind, model=model, metrics=dict(self.metrics), params=self.params)

    @property
    def besides(self) -> list[Use]:
        """The versions that were used and that nobody handed out."""
        return list(self._more)


@contextmanager
def run_here(run: str, *, params: Mapping[str, Any], to: str | None, tell: Tell) -> Iterator[RunHere]:
    """A run with this id for as long as it is open; what goes wrong in it is recorded, and goes on.

    Processes that are begun meanwhile are part of it. Errors: UsageError for the id, those of `record_run`.
    """
    under_way = begin(run, directory=os.getcwd(), code=_directory_of_code())
    here, before = RunHere(under_way, params), os.environ.get(NOTES)
    os.environ[NOTES] = under_way.notes
    try:
        yield here
    except BaseException as error:
        _restore(before)
        try:
            here.recorded = _recorded(under_way, here, error, to=to, tell=tell)
        except DsvError as other:  # what went wrong in the run is what is to be heard of
            tell(f"the run {here.id} is not recorded: {other.message}")
        raise
    _restore(before)
    here.recorded = _recorded(under_way, here, None, to=to, tell=tell)


def _recorded(
    run: UnderWay, here: RunHere, error: BaseException | None, *, to: str | None, tell: Tell
) -> RecordedRun | None:
    recorded, _ = end(run, here.ended(error), more=here.besides, to=to, tell=tell)
    if recorded is not None:
        note_run(here.id)
    return recorded


def _restore(before: str | None) -> None:
    if before is None:
        os.environ.pop(NOTES, None)
    else:
        os.environ[NOTES] = before


def _directory_of_code() -> str:
    """Where the program lies that runs; the present directory where it is none, as in a notebook."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    return os.path.dirname(os.path.abspath(file)) if isinstance(file, str) and os.path.exists(file) else os.getcwd()
