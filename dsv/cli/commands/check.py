"""`dsv check`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.output import bold, green, red, show, yellow
from dsv.cli.session import current
from dsv.cli.text import count, visible

if TYPE_CHECKING:
    from dsv.operations.check import Checked


def check(
    names: Annotated[list[str], typer.Argument(metavar="[NAME]...", help="Datasets; all of them without one.")] = [],
    base: Annotated[
        str, typer.Option("--base", metavar="REV", help="Also hold against what this commit and those since then had.")
    ] = "",
) -> int:
    """Whether the manifests are right, and unchanged since release.

    Leaves with 1 when one is not, and names file and line. With -v it also says what it looked at.

    Example: dsv check --base origin/main
    """
    from dsv.operations.check import check

    result = check(current().open(), *names, base=base or None)
    show(result, _lines(result, verbose=current().verbose))
    return 0 if result.ok else 1


def _lines(result: Checked, *, verbose: bool) -> Iterator[str]:
    colours = {"failed": red, "warning": yellow, "passed": green}
    for each in result.results:
        if each.status.value == "passed" and not verbose:
            continue
        status = colours[each.status.value](each.status.value)
        line = f"{each.line}:" if each.line else ""
        place = f"{visible(each.file)}:{line} " if each.file else ""
        yield f"{status}  {place}{each.check}: {visible(each.message)}"
    failed = sum(each.status.value == "failed" for each in result.results)
    verdict = green("passed") if result.ok else red(f"{failed} failed")
    yield bold(f"{count(result.versions, 'version')}, {count(len(result.results), 'check')}: ") + verdict
