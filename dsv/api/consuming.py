"""The Python twin of `dsv get`, `dsv pin` and `dsv sync`: for projects that use datasets, and need be no repository."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.model.progress import Progress, Tell, unseen, untold

if TYPE_CHECKING:
    from dsv.model.executor import Executor
    from dsv.operations.get import Got
    from dsv.operations.pin import Pinned, Updated
    from dsv.operations.pin import Pins as PinList
    from dsv.operations.sync import Synced
    from dsv.repository.consuming.consumer import Consumer


def get(
    repository: str | os.PathLike[str],
    reference: str,
    *,
    to: str | os.PathLike[str] = "",
    splits: Sequence[str] = (),
    files: Sequence[str] = (),
    force: bool = False,
    tell: Tell = untold,
    progress: Progress = unseen,
    executor: str = "local",
) -> Got:
    """The files of a version of the repository, a path or an address, in the directory `to`, else in one of its name.

    Errors: those of `dsv get`.
    """
    from dsv.model.executor import Executor
    from dsv.model.portion import Portion
    from dsv.model.reference import parse_reference
    from dsv.operations.get import get as operation

    return operation(
        os.fspath(repository),
        parse_reference(reference),
        to=os.fspath(to),
        portion=Portion.parse(globs=files, splits=splits),
        force=force,
        tell=tell,
        progress=progress,
        executor=Executor.parse(executor),
    )


@dataclass(frozen=True)
class Pins:
    """What a project pins in its dsv.lock; `dsv.pins()` gives it."""

    consumer: Consumer
    executor: Executor

    def add(
        self,
        repository: str | os.PathLike[str],
        reference: str,
        *,
        path: str = "",
        name: str = "",
        splits: Sequence[str] = (),
        files: Sequence[str] = (),
    ) -> Pinned:
        """A dataset of the repository pinned, its range locked to the version that it means today.

        A relative path counts from the current directory. Errors: those of `dsv pin add`.
        """
        from dsv.model.portion import Portion
        from dsv.operations.pin import Wish, pin_add

        portion = Portion.parse(globs=files, splits=splits)
        place = os.fspath(repository)
        wish = Wish.parse(place, reference, name=name, path=path, portion=portion, directory=os.getcwd())
        return pin_add(self.consumer, wish, executor=self.executor)

    def update(self, *names: str, dry_run: bool = False) -> Updated:
        """The named pins, all without a name, at what their ranges mean now, and what moves. Errors: MismatchError."""
        from dsv.operations.pin import pin_update

        return pin_update(self.consumer, *names, dry_run=dry_run, executor=self.executor)

    def list(self) -> PinList:
        """All of them; NoPathError where there is no dsv.lock."""
        from dsv.operations.pin import pin_list

        return pin_list(self.consumer)

    def remove(self, *names: str) -> PinList:
        """The named ones are pinned no longer; their data stays."""
        from dsv.operations.pin import pin_remove

        return pin_remove(self.consumer, *names)

    def sync(self, *names: str, frozen: bool = False, force: bool = False) -> Synced:
        """The data of the named pins, of all without a name, as it is locked. Errors: those of `dsv sync`."""
        from dsv.operations.sync import sync

        return sync(self.consumer, *names, frozen=frozen, force=force, executor=self.executor)


def pins(
    directory: str | os.PathLike[str] = ".",
    *,
    tell: Tell = untold,
    progress: Progress = unseen,
    executor: str = "local",
) -> Pins:
    """The pins of the project that the directory lies in: of the nearest dsv.lock in its git work tree, else its own.

    `tell` hears one-line messages on the way. Errors: NoPathError for what is no directory.
    """
    from dsv.model.executor import Executor
    from dsv.repository.consuming.consumer import find_consumer

    consumer = find_consumer(os.fspath(directory), tell=tell, progress=progress)
    return Pins(consumer, Executor.parse(executor))
