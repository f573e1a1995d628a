"""What the Python twin does about runs: what a training used, and stamps of models."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from dsv.model.run import Use
    from dsv.operations.run_here import Metrics, RunHere
    from dsv.operations.run_list import ListedRuns
    from dsv.operations.run_record import RecordedRuns
    from dsv.operations.verify_stamp import VerifiedStamp
    from dsv.repository import Repository
    from dsv.repository.running.recording import RecordedRun
    from dsv.repository.running.stamps import Stamped

Path = str | os.PathLike[str]


class Run:
    """A run that is on: what it is told here is recorded when it ends.

    `metrics` are numbers by name, `params` what it was told, `model` the path of the file or directory that came of
    it. `recorded` is None until it ends, and where it used nothing.
    """

    def __init__(self, here: RunHere) -> None:
        self._here = here

    @property
    def id(self) -> str:
        """What the run is called."""
        return self._here.id

    @property
    def metrics(self) -> Metrics:
        """Numbers by name: `run.metrics["accuracy"] = 0.93`. UsageError for what is none."""
        return self._here.metrics

    @property
    def params(self) -> dict[str, Any]:
        """What the run was told, by name. Values whose names say that they are secrets are not recorded."""
        return self._here.params

    @property
    def model(self) -> Path | None:
        """The path of the model that came of it."""
        return self._here.model

    @model.setter
    def model(self, path: Path | None) -> None:
        self._here.model = path

    @property
    def datasets(self) -> list[str]:
        """The versions that it used so far, as `NAME@X.Y.Z`."""
        from dsv.model.run import together

        return [each.reference for each in together(use.version for use in self._here.used())]

    @property
    def recorded(self) -> RecordedRun | None:
        """What was recorded, and where."""
        return self._here.recorded

    def uses(self, reference: str, *, repo: Path | None = None) -> None:
        """It uses this version too, of which `dsv.load` knows nothing; `repo` is as for that.

        Errors: UsageError for the work tree, NoDatasetError, NoVersionError.
        """
        from dsv.model.reference import parse_reference
        from dsv.repository.consuming.consumer import find_consumer
        from dsv.repository.running.uses import named_uses

        place = os.fspath(repo or ".")
        consumer = find_consumer() if repo is None else None
        for use in named_uses([parse_reference(reference)], repository=lambda: _opened(place), consumer=consumer):
            self._here.add(use)

    def stamp(self, directory: Path) -> Stamped:
        """The directory of a model stamped with what the run used so far, the main dataset being the one loaded first.

        Errors: UsageError where it used nothing, NoPathError where no such directory is.
        """
        from dsv.repository.running.stamps import write_stamp

        versions = [use.version for use in self._here.used()]
        return write_stamp(os.fspath(directory), versions, run=self.id)


@contextmanager
def run(id: str = "", *, params: Mapping[str, Any] | None = None, to: Path | None = None) -> Iterator[Run]:  # noqa: A002 - the option's name
    """A run, for as long as the `with` lasts: it records the versions that `dsv.load` hands out meanwhile.

    What goes wrong inside is recorded as its status, and raised as ever. The record is an event in the repository of
    the datasets where that lies on this machine, else a file in `dsv-runs`; `to` names another one. Processes begun
    inside are part of the run. Errors: UsageError for an id that will not do.
    """
    from dsv.operations.run_here import run_here

    target, messages = None if to is None else os.fspath(to), list[str]()

    def keep(message: str) -> None:
        messages.append(message)

    try:
        with run_here(id, params=dict(params or {}), to=target, tell=keep) as here:
            yield Run(here)
    finally:
        for each in messages:  # last of all: where warnings are errors, all is recorded by then
            _warn(each)


def verify_stamp(directory: Path, *, repo: Path | None = None) -> VerifiedStamp:
    """Whether the versions that a model was made from are what they were; `.ok` if so.

    They are looked for in `repo`, a path or a URL; without it in the repository that lies here or, for what that has
    not, the one that the stamp names. Errors: NoPathError and BadManifestError for the stamp, those of a remote.
    """
    from dsv.errors import NoRepositoryError
    from dsv.operations.verify_stamp import verify_stamp

    try:
        repository = _opened(os.fspath("." if repo is None else repo))
    except NoRepositoryError:
        if repo is not None:
            raise
        return verify_stamp(None, os.fspath(directory), open_other=_opened)
    return verify_stamp(repository, os.fspath(directory), open_other=_opened)


@dataclass(frozen=True)
class Runs:
    """The runs that used versions of a repository; the methods are the commands' names."""

    repository: Repository

    def record(
        self,
        id: str,  # noqa: A002 - the option's name
        *datasets: str,
        status: Literal["finished", "failed", "interrupted"] = "finished",
        started: str | None = None,
        finished: str | None = None,
        model: Path | None = None,
        metrics: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        code: Path = ".",
        to: Path | None = None,
    ) -> RecordedRun:
        """A run that used these versions, recorded as events, or with `to` in a file. Errors: as `dsv run record`."""
        from dsv.model.run import Outcome
        from dsv.operations.run_record import Told, run_record

        told = Told(
            id,
            Outcome(status),
            started,
            finished,
            None if model is None else os.fspath(model),
            dict(metrics or {}),
            dict(params or {}),
            os.fspath(code),
        )
        uses = _named(self.repository, datasets)
        return run_record(told, uses, to=None if to is None else os.fspath(to), tell=self.repository.tell)

    def bring(self, *files: Path) -> RecordedRuns:
        """The runs that files of `dsv-runs` tell of, recorded as events. Errors: as `dsv run record --from`."""
        from dsv.operations.run_record import bring_runs

        return bring_runs(self.repository, *(os.fspath(each) for each in files))

    def list(self, dataset: str | None = None, *, limit: int | None = None, offset: int = 0) -> ListedRuns:
        """All runs, or those that used a dataset, or one version of it: the last first."""
        from dsv.model.subject import parse_subject
        from dsv.operations.run_list import run_list

        subject = parse_subject(dataset) if dataset else None
        return run_list(self.repository, subject=subject, directory=os.getcwd(), limit=limit, offset=offset)


@dataclass(frozen=True)
class Running:
    """Runs and stamps; the methods are those of `dsv.api.Repo`."""

    repository: Repository

    @property
    def runs(self) -> Runs:
        """Runs that used versions of this repository."""
        return Runs(self.repository)

    def stamp(self, directory: Path, *references: str, run: str = "") -> Stamped:
        """The directory of a model, stamped with the versions that it was made from, the main one first."""
        from dsv.operations.stamp import stamp

        return stamp(os.fspath(directory), _named(self.repository, references), run=run)

    def verify_stamp(self, directory: Path) -> VerifiedStamp:
        """Whether the versions that a model is stamped with are what they were, here or where the stamp says."""
        from dsv.operations.verify_stamp import verify_stamp

        return verify_stamp(self.repository, os.fspath(directory), open_other=_opened)


def _named(repository: Repository, references: Sequence[str]) -> Sequence[Use]:
    from dsv.model.reference import parse_reference
    from dsv.repository.running.uses import named_uses

    return named_uses([parse_reference(each) for each in references], repository=lambda: repository)


def _opened(place: str, root: str = "") -> Repository:
    from dsv.model.executor import LOCAL
    from dsv.model.progress import unseen, untold
    from dsv.repository.obtaining.origin import origin

    return origin(place, root=root, tell=untold, progress=unseen, executor=LOCAL).as_it_is_now()


def _warn(message: str) -> None:
    """What a program's owner is to hear of, though the program goes on."""
    warnings.warn(f"dsv: {message}", stacklevel=2)
