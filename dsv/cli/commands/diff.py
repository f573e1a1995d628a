"""`dsv diff`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.changes import change_lines
from dsv.cli.examples import example_lines
from dsv.cli.options import EXAMPLES, ExitCode, reference
from dsv.cli.output import bold, green, red, show, yellow
from dsv.cli.session import current
from dsv.cli.text import size, visible

if TYPE_CHECKING:
    from dsv.operations.diff import Diff

_PATHS_SHOWN = 10


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="A version, or a dataset's name for its latest one.")],
    b: Annotated[str, typer.Argument(metavar="[B]", help="What to compare with; else the working tree.")] = "",
    records: Annotated[
        int,
        typer.Option(
            "--records",
            metavar="[N]",
            min=0,
            show_default=False,
            help=f"Show up to N changed records of each kind; {EXAMPLES} without a number.",
        ),
    ] = 0,
    exit_code: ExitCode = False,
) -> int:
    """What changed between two versions, or since one.

    Counts files, records and fields, and says which level of release the change asks for.

    Example: dsv diff leases@1.0.0 1.1.0
    """
    from dsv.operations.diff import diff

    old = reference(a)
    new = reference(b, dataset=old.subject) if b else None
    result = diff(current().open(), old, new, examples=records)
    show(result, _lines(result))
    return int(exit_code and not result.change.nothing)


def _lines(result: Diff) -> Iterator[str]:
    yield bold(f"{result.old} -> {result.new}")
    if result.change.nothing:
        yield "  no difference"
        return
    yield from change_lines(result.change)
    sign = "+" if result.size_difference >= 0 else "-"
    yield f"  size     {sign}{size(abs(result.size_difference))}"
    if result.level is not None:
        yield f"  level    {result.level.word}: {visible(result.reasons[0])}"
        yield from (f"           {visible(reason)}" for reason in result.reasons[1:])
    files = result.change.files
    marks = [(green("+"), path) for path in files.added]
    marks += [(red("-"), path) for path in files.removed]
    marks += [(yellow("~"), path) for path in files.modified]
    marks += [(yellow(">"), f"{old} -> {new}") for old, new in files.renamed]
    yield from (f"  {mark} {visible(path)}" for mark, path in marks[:_PATHS_SHOWN])
    if len(marks) > _PATHS_SHOWN:
        yield f"    and {len(marks) - _PATHS_SHOWN} more files"
    yield from (line for example in result.examples for line in example_lines(example))
