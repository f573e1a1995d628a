"""`dsv status`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.changes import change_lines
from dsv.cli.examples import explanation_lines
from dsv.cli.options import ExitCode, Explain
from dsv.cli.output import bold, green, red, show, yellow
from dsv.cli.session import current
from dsv.cli.text import visible

if TYPE_CHECKING:
    from dsv.operations.status import DatasetStatus

Names = Annotated[list[str], typer.Argument(metavar="[NAME]...", help="Datasets; all of them without one.")]


def status(names: Names = [], explain: Explain = False, exit_code: ExitCode = False) -> int:
    """What changed since the last release, and which version follows.

    Example: dsv status leases
    """
    from dsv.operations.status import status as operation

    result = operation(current().open(), *names, explain=explain)
    lines = [line for each in result.datasets for line in _lines(each, verbose=current().verbose)]
    show(result, lines or ["no datasets yet; dsv add PATH starts one"])
    return int(exit_code and result.dirty)


def _lines(each: DatasetStatus, *, verbose: bool) -> Iterator[str]:
    since = f"since {each.base}" if each.base else ""
    colours = {"clean": green, "missing": red, "incomplete": red}
    state = {"new": "not released yet", "changed": f"changed {since}", "clean": f"clean, as released in {each.base}"}
    words = state.get(each.state, f"{each.state} {since}").strip()
    place = f"  ({visible(each.path)})" if each.path else ""
    yield f"{bold(each.dataset)}  {colours.get(each.state, yellow)(words)}{place}"
    if each.state == "changed" and each.at:
        yield f"  data     that of {each.at}"
    if each.change is not None and each.state != "clean":
        yield from change_lines(each.change)
    if each.suggested is not None:
        yield f"  next     {each.suggested.version} ({each.suggested.level.word}): {visible(each.suggested.reasons[0])}"
        yield from (f"           {visible(reason)}" for reason in each.suggested.reasons[1:])
    yield from explanation_lines(each.explanation)
    if verbose:
        for dialect, files in each.dialects.items():
            yield f"  spelled  {visible(dialect)} ({files:,} {'file' if files == 1 else 'files'})"
    yield from (f"  {red('problem')}  {visible(problem)}" for problem in each.problems)
    if each.state == "missing":
        yield f"  hint     dsv pull {each.dataset}@{each.base} brings the data back"
