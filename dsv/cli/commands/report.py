"""`dsv report`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dsv.cli.options import reference
from dsv.cli.output import bold, print_text, show
from dsv.cli.session import current
from dsv.cli.text import size, visible
from dsv.errors import UsageError

if TYPE_CHECKING:
    from dsv.operations.report import Report


def report(
    ref: Annotated[str, typer.Argument(metavar="REF", help="A version; a name alone is its latest.")],
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write it, - for stdout; else NAME-VERSION.html.",
            show_default=False,
        ),
    ] = "",
    no_content: Annotated[bool, typer.Option("--no-content", help="Without records of the data.")] = False,
) -> None:
    """A version as a page to look at in a browser.

    What it is, how the dataset grew, its fields and their values, its lineage as a graph, scores, checks, and some
    records where its data is here. One file that loads nothing and runs nothing. An earlier page there is replaced.

    Example: dsv report leases@1.0.0 -o report.html
    """
    from dsv.operations.report import report

    if output == "-" and current().json:
        raise UsageError("--json and -o - both want stdout", hint="name a file with -o")
    result = report(current().open_to_read(), reference(ref), content=not no_content)
    if output == "-":
        print_text(result.html)
        return
    path = output or result.file_name
    result.write(path)
    found = _Written(path, result)
    told = size(len(result.html.encode()))
    show(found, [bold(result.ref) + f" written to {visible(path)}, {told}"])


@dataclass(frozen=True)
class _Written:
    path: str
    report: Report

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"path": self.path, **self.report.document()}
