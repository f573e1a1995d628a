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

    Looks at what killed commands, git and DVC leave behind: journals, locks, tags, manifests, objects, settings,
    secrets in files that git keeps. Each check has a number; docs/doctor.md explains it. Nothing is hashed, and no
    remote on the network asked, unless a tag is missing. Leaves with 1 when there is an error among the findings.

    Example: dsv doctor --fix
    """
    from dsv.operations.doctor import diagnose, mend
    from dsv.repository import find_broken_repository

    session = current()
    repository = find_broken_repository(session.repo, lock_timeout=session.lock_timeout, tell=session.tell)
    result = mend(repository) if fix else diagnose(repository)
    show(result, _lines(result))
    return 0 if result.ok else 1


def _lines(result: Diagnosis) -> Iterator[str]:
    for each in result.fixed:
        yield f"{green('fixed')}    {each.number} {each.check}: {visible(each.message)}"
    colours = {"error": red, "warning": yellow}
    for each in result.findings:
        word = each.level.value
        yield f"{colours[word](word)}{' ' * (9 - len(word))}{each.number} {each.check}: {visible(each.message)}"
        if each.fix:
            yield f"         {visible(each.fix)}"
    if result.commit:
        yield f"committed {result.commit[:10]}"
    if not result.findings:
        yield bold(green("all well"))
        return
    errors = sum(each.level.value == "error" for each in result.findings)
    parts = [count(errors, "error")] if errors else []
    parts += [count(len(result.findings) - errors, "warning")] if len(result.findings) > errors else []
    mendable = sum(each.mendable for each in result.findings)
    yield bold(", ".join(parts)) + (f"; dsv doctor --fix mends {mendable} of them" if mendable else "")
