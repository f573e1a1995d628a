"""`dsv doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.output import bold, green, red, show, yellow
from dsv.cli.session import current
from dsv.cli.text import count, visible

if TYPE_CHECKING:
    from dsv.operations.doctor import Diagnosis


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Mend what dsv can mend; edits of files become a commit.")] = False,
) -> int:
    """Find what is wrong around the datasets, and mend it.

    Looks at what commands that were killed and merges leave behind: entries in dvc.yaml and .gitignore, the merge
    driver, locks; and at DVC's settings. Leaves with 1 when there is an error among the findings.

    Example: dsv doctor --fix
    """
    from dsv.operations.doctor import diagnose, mend
    from dsv.repository import find_repository

    session = current()
    repository = find_repository(session.repo, lock_timeout=session.lock_timeout, tell=session.tell)
    result = mend(repository) if fix else diagnose(repository)
    show(result, _lines(result))
    return 0 if result.ok else 1


def _lines(result: Diagnosis) -> Iterator[str]:
    for each in result.fixed:
        yield f"{green('fixed')}    {each.check}: {visible(each.message)}"
    colours = {"error": red, "warning": yellow}
    for each in result.findings:
        word = each.level.value
        yield f"{colours[word](word)}{' ' * (9 - len(word))}{each.check}: {visible(each.message)}"
        if each.fix:
            yield f"         {visible(each.fix)}"
    if result.commit:
        yield f"committed {result.commit[:10]}"
    yield bold(count(len(result.findings), "finding")) if result.findings else bold(green("all well"))
