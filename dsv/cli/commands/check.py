"""`dsv check`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.output import bold, green, red, show, yellow
from dsv.cli.session import current
from dsv.cli.text import count, visible

if TYPE_CHECKING:
    from dsv.checks.finding import Finding
    from dsv.operations.check import Checked


def check(
    names: Annotated[list[str], typer.Argument(metavar="[NAME]...", help="Datasets; all of them without one.")] = [],
    base: Annotated[
        str, typer.Option("--base", metavar="REV", help="Also hold against what this commit and those since then had.")
    ] = "",
    staged: Annotated[
        bool, typer.Option("--staged", help="Check what the next commit changes, as git's index has it.")
    ] = False,
) -> int:
    """Whether the manifests are right, and unchanged since release.

    Leaves with 1 when one is not, and names file and line. With -v it also says what it looked at.

    Example: dsv check --base origin/main
    """
    from dsv.operations.check import Look, check

    look = Look.STAGED if staged else Look.WORK_TREE
    result = check(current().open(), *names, base=base or None, look=look)
    show(result, _failures(result) if current().quiet else _lines(result, verbose=current().verbose))
    return 0 if result.ok else 1


def _failures(result: Checked) -> Iterator[str]:
    """With --quiet: what is wrong, and nothing where all is right."""
    for each in result.results:
        if each.status.value == "failed":
            yield _line(each)


def _lines(result: Checked, *, verbose: bool) -> Iterator[str]:
    for each in result.results:
        if each.status.value != "passed" or verbose:
            yield _line(each)
    failed = sum(each.status.value == "failed" for each in result.results)
    verdict = green("passed") if result.ok else red(f"{failed} failed")
    yield bold(f"{count(result.versions, 'version')}, {count(len(result.results), 'check')}: ") + verdict


def _line(finding: Finding) -> str:
    """One thing that was looked at, with the line it is about."""
    status = {"failed": red, "warning": yellow, "passed": green}[finding.status.value](finding.status.value)
    line = f"{finding.line}:" if finding.line else ""
    place = f"{visible(finding.file)}:{line} " if finding.file else ""
    return f"{status}  {place}{finding.check}: {visible(finding.message)}"
