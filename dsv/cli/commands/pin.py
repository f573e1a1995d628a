"""`dsv pin add`, `dsv pin update`, `dsv pin list`, `dsv pin remove`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.changes import record_classes
from dsv.cli.output import bold, show
from dsv.cli.session import current
from dsv.cli.text import number, table, visible

if TYPE_CHECKING:
    from dsv.operations.pin import Update, Updated

_DIGITS_SHOWN = 12


def add(
    repository: Annotated[
        str, typer.Argument(metavar="REPO_OR_URL", help="A directory inside a repository, or its address.")
    ],
    ref: Annotated[str, typer.Argument(metavar="NAME@RANGE", help="The dataset, and which versions may be taken.")],
    path: Annotated[
        str, typer.Option("--path", metavar="DIR", help="Where its files go, from here; else data/NAME.")
    ] = "",
    name: Annotated[str, typer.Option("--name", metavar="N", help="What to call it here.")] = "",
    split: Annotated[
        list[str] | None, typer.Option("--split", metavar="S", help="Only files of this split; repeat it.")
    ] = None,
    files: Annotated[
        list[str] | None,
        typer.Option("--files", metavar="GLOB", help="Only files that it fits: 'test*', 'images/**'; repeat it."),
    ] = None,
) -> None:
    """Lock a dataset of another repository for this project.

    dsv.lock keeps the range, and the version that it means today with its commit and digests; commit that file. The
    data comes with dsv sync, and moves with dsv pin update alone. This directory needs neither DVC nor dsv init.

    Example: dsv pin add https://git.example/team/leases.git leases@1.x
    """
    from dsv.model.portion import Portion
    from dsv.operations.pin import Wish, pin_add

    session = current()
    portion = Portion.parse(globs=files or (), splits=split or ())
    wish = Wish.parse(repository, ref, name=name, path=path, portion=portion, directory=os.getcwd())
    result = pin_add(session.consumer(), wish, executor=session.chosen_executor)
    pin = result.pin
    lines = [
        f"{bold(pin.version_name)} is locked, of {visible(pin.range)} in {visible(pin.repository)}",
        f"dsv sync brings it to {visible(pin.place)}" + (", which .gitignore names now" if result.ignored else ""),
    ]
    show(result, lines)


def update(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="What to update; else all.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would move; write nothing.")] = False,
) -> None:
    """Move pins to what their ranges mean now, and say what moves.

    Shows the level of each change, why, and what became of the records. The data follows with dsv sync. A version that
    changed since it was locked is an error, and nothing is written.

    Example: dsv pin update leases
    """
    from dsv.operations.pin import pin_update

    session = current()
    result = pin_update(session.consumer(), *names or (), dry_run=dry_run, executor=session.chosen_executor)
    show(result, _update_lines(result))


def list_pins() -> None:
    """What this project pins.

    Example: dsv pin list
    """
    from dsv.operations.pin import pin_list

    result = pin_list(current().consumer())
    rows = [
        [
            each.name,
            each.range,
            str(each.version or ""),
            (each.commit or "")[:_DIGITS_SHOWN],
            each.place,
            each.repository,
        ]
        for each in result.pins
    ]
    show(result, table(["name", "range", "version", "commit", "path", "repository"], rows) if rows else ["no pins"])


def remove(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="What to pin no longer.")],
) -> None:
    """Pin datasets no longer; their data stays.

    Example: dsv pin remove leases
    """
    from dsv.operations.pin import pin_remove

    result = pin_remove(current().consumer(), *names)
    show(result, [f"{each.name} is not pinned any more; {visible(each.place)} stays as it is" for each in result.pins])


def _update_lines(result: Updated) -> Iterator[str]:
    for each in result.updates:
        yield from _moved(each, would=result.dry_run)
    if any(each.moves for each in result.updates):
        yield "nothing is written" if result.dry_run else "dsv sync brings the data"
    elif not result.updates:
        yield "no pins"


def _moved(each: Update, *, would: bool) -> Iterator[str]:
    pin = each.pin
    if not each.moves:
        yield f"{bold(pin.name)} {pin.version} is what {visible(pin.range)} means"
        return
    if each.movement is None:
        yield f"{bold(pin.name)} {'would be ' if would else ''}{pin.version}"
        return
    level = f": {each.movement.level.word}" if each.movement.level else ""
    yield f"{bold(pin.name)} {each.old} -> {pin.version}{level}"
    yield from (f"  {visible(reason)}" for reason in each.movement.reasons)
    counts = each.movement.records
    if counts is not None:
        old = counts.unchanged + counts.moved + counts.modified + counts.removed
        new = counts.unchanged + counts.moved + counts.modified + counts.added
        yield f"  records  {number(old)} -> {number(new)}: {record_classes(counts)}"
