"""`dsv check`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.forms import chosen_form
from dsv.cli.output import bold, dim, green, print_text, red, show, yellow
from dsv.cli.session import current
from dsv.cli.text import count, visible
from dsv.errors import UsageError

if TYPE_CHECKING:
    from dsv.model.finding import Finding
    from dsv.operations.check import Checked
    from dsv.operations.review import Reviewed

_INDENT = " " * 9
_ALIKE = 20
"""Findings of one check that are told one by one."""


class Form(Enum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    JUNIT = "junit"
    GITHUB = "github"


def check(
    names: Annotated[list[str], typer.Argument(metavar="[NAME]...", help="Datasets; all of them without one.")] = [],
    base: Annotated[
        str, typer.Option("--base", metavar="REV", help="Also hold against what this commit and those since then had.")
    ] = "",
    staged: Annotated[
        bool, typer.Option("--staged", help="Check what the next commit changes, as git's index has it.")
    ] = False,
    data: Annotated[
        bool,
        typer.Option("--data", help="Read the data too, and hold it against its digests, its manifest and its rules."),
    ] = False,
    remote: Annotated[
        str | None,
        typer.Option(
            "--remote", metavar="[NAME]", help="Look for the data on a DVC remote; the default one without a name."
        ),
    ] = None,
    no_content: Annotated[
        bool, typer.Option("--no-content", help="Show nothing of the data: no record, no label, no name of a file.")
    ] = False,
    report: Annotated[
        str, typer.Option("--report", metavar="FILE", help="Also write the review since the base: a .md or .html file.")
    ] = "",
    form: Annotated[
        str,
        typer.Option(
            "--as", metavar="text|json|markdown|html|junit|github", help="How to write it.", show_default=False
        ),
    ] = "",
) -> int:
    """Whether versions are right, and unchanged since release.

    Reads what git holds, and no data unless told to. Leaves with 1 when something is wrong, names file and line, and
    says what mends it; docs/checks.md explains each check by its number. Data is read, and looked for on a remote, of
    the versions that the base has not; without a base it is read of the newest of each dataset, and looked for of all.
    --as markdown and --as html review what came since the base: versions, changed records, statistics, scores, checks.

    Example: dsv check --base origin/main
    """
    from dsv.operations.check import Look, Reading, check

    chosen = chosen_form(Form, form)
    reviewing = "--report" if report else f"--as {chosen.value}" if chosen in (Form.MARKDOWN, Form.HTML) else ""
    if reviewing and (staged or not base):
        without = ", and knows none that are only staged" if staged else ""
        raise UsageError(
            f"{reviewing} tells what commits did since a base{without}", hint="for instance --base origin/main"
        )
    look = Look.STAGED if staged else Look.WORK_TREE
    if staged and (data or remote is not None):
        raise UsageError("--staged looks at what git's index has, and data is not in it", hint="leave out --staged")
    result = check(
        current().open(),
        *names,
        base=base or None,
        look=look,
        reading=Reading.DATA if data else Reading.TEXTS,
        remote=remote,
    )
    if no_content:
        result = result.without_content()
    reviewed = _review(names, base=base, findings=result, no_content=no_content) if reviewing else None
    if reviewed and report:
        reviewed.write(report)
    if reviewed and chosen in (Form.MARKDOWN, Form.HTML):
        print_text(reviewed.markdown() if chosen is Form.MARKDOWN else reviewed.html())
    elif chosen is Form.JUNIT:
        print_text(result.junit())
    elif chosen is Form.GITHUB:
        print_text(result.github())
    else:
        show(result, _failures(result) if current().quiet else _lines(result, verbose=current().verbose))
    return 0 if result.ok else 1


def _review(names: list[str], *, base: str, findings: Checked, no_content: bool) -> Reviewed:
    """What a pull request does."""
    from dsv.exports.review import Content
    from dsv.operations.review import review

    content = Content.WITHHELD if no_content else Content.SHOWN
    return review(current().open(), *names, base=base, findings=findings, content=content)


def _failures(result: Checked) -> Iterator[str]:
    """With --quiet: what is wrong, and nothing where all is right."""
    for each in result.failed:
        yield from _told(each)


def _lines(result: Checked, *, verbose: bool) -> Iterator[str]:
    told = {"failed", "warning", *(["passed", "skipped"] if verbose else [])}
    counted: Counter[tuple[str, str]] = Counter()
    for each in result.results:
        kind = each.number, each.status.value
        counted[kind] += 1
        if each.status.value in told and (verbose or counted[kind] <= _ALIKE):
            yield from _told(each)
    for (number, status), times in sorted(counted.items()):
        if status in told and not verbose and times > _ALIKE:
            yield f"{status:<7}  {number}: {times - _ALIKE:,} more like these, which -v and --json list"
    verdict = green(result.verdict) if result.ok else red(result.verdict)
    yield bold(f"{count(result.versions, 'version')}: ") + verdict
    if result.skipped and not verbose:
        yield dim("-v says what could not be looked at, and why")


def _told(finding: Finding) -> Iterator[str]:
    """One thing that was looked at, with the line it is about, and below it where it was found and what mends it."""
    colour = {"failed": red, "warning": yellow, "passed": green, "skipped": dim}[finding.status.value]
    what = f"{finding.number} {finding.check}"
    yield f"{colour(f'{finding.status.value:<7}')}  {visible(finding.place)}: {what}: {visible(finding.message)}"
    yield from (f"{_INDENT}{visible(line)}" for line in finding.content)
    if finding.fix:
        yield f"{_INDENT}{dim(visible(finding.fix))}"
