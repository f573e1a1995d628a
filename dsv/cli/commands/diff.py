"""`dsv diff`."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.changes import change_lines, part_lines, where_line
from dsv.cli.examples import example_lines
from dsv.cli.forms import chosen_form
from dsv.cli.options import EXAMPLES, ExitCode, reference
from dsv.cli.output import bold, green, print_text, red, show, yellow
from dsv.cli.session import current
from dsv.cli.statistics import statistics_lines
from dsv.cli.text import size, visible

if TYPE_CHECKING:
    from dsv.model.change import Change
    from dsv.operations.diff import Diff

_PATHS_SHOWN = 10


class Form(Enum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


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
    where: Annotated[
        list[str],
        typer.Option(
            "--where", metavar="split=S", help="Only records of this split; file=GLOB: of these files. May be repeated."
        ),
    ] = [],
    stat: Annotated[
        bool, typer.Option("--stat", help="Statistics of each field's values in the whole versions, before and after.")
    ] = False,
    form: Annotated[
        str, typer.Option("--as", metavar="text|json|markdown|html", help="How to write it.", show_default=False)
    ] = "",
    exit_code: ExitCode = False,
) -> int:
    """What changed between two versions, or since one.

    Counts files, records and fields, and says which level of release the change asks for. With --records it also shows
    changed records, with the words marked that differ. Markdown is for a comment on a pull request, HTML is one page.

    Example: dsv diff leases@1.0.0 1.1.0 --records
    """
    from dsv.model.where import parse_where
    from dsv.operations.diff import diff

    chosen = chosen_form(Form, form)
    part = parse_where(where)
    old = reference(a)
    new = reference(b, dataset=old.subject) if b else None
    result = diff(current().open_to_compare(root=old.prefix), old, new, examples=records, where=part, statistics=stat)
    if chosen is Form.MARKDOWN:
        print_text(result.markdown())
    elif chosen is Form.HTML:
        print_text(result.html())
    else:
        show(result, _lines(result))
    return int(exit_code and not result.change.nothing)


def _lines(result: Diff) -> Iterator[str]:
    yield bold(f"{result.old} -> {result.new}")
    if result.change.nothing:
        yield "  no difference"
        yield from statistics_lines(result.statistics)
        return
    yield from change_lines(result.change)
    sign = "+" if result.size_difference >= 0 else "-"
    yield f"  size     {sign}{size(abs(result.size_difference))}"
    if result.level is not None:
        yield f"  level    {result.level.word}: {visible(result.reasons[0])}"
        yield from (f"           {visible(reason)}" for reason in result.reasons[1:])
    report = result.report()
    if report.where:
        yield where_line(report)
    if report.where or result.with_examples:
        yield from part_lines(report)
    else:
        yield from _file_lines(result.change)
    yield from _quality_lines(result)
    yield from statistics_lines(result.statistics)
    for example in report.examples:
        yield ""
        yield from example_lines(example)


def _quality_lines(result: Diff) -> Iterator[str]:
    for number, each in enumerate(result.quality):
        scorer, column, means, covered = each.cells
        label = "" if number else "quality"
        yield f"  {label:<8} " + visible(f"{scorer} {column}: {means}, of {covered} of the records")


def _file_lines(change: Change) -> Iterator[str]:
    files = change.files
    marks = [(green("+"), path) for path in files.added]
    marks += [(red("-"), path) for path in files.removed]
    marks += [(yellow("~"), path) for path in files.modified]
    marks += [(yellow(">"), f"{old} -> {new}") for old, new in files.renamed]
    yield from (f"  {mark} {visible(path)}" for mark, path in marks[:_PATHS_SHOWN])
    if len(marks) > _PATHS_SHOWN:
        yield f"    and {len(marks) - _PATHS_SHOWN} more files"
