"""`dsv verify`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.options import reference
from dsv.cli.output import bold, green, red, show
from dsv.cli.session import current
from dsv.cli.text import count, visible

if TYPE_CHECKING:
    from dsv.operations.verify import Verified
    from dsv.repository.verification import Problem

_PROBLEMS = 40


def verify(
    refs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REF]...", help="Versions, such as leases@1.0.0; the latest of every dataset without."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every known version.")] = False,
    signatures: Annotated[
        bool, typer.Option("--signatures", help="Ask for a signature that git believes on each tag, or else commit.")
    ] = False,
) -> int:
    """Whether versions are in git as they were released.

    Looks at manifest, tag and pointers, each by itself, and leaves with 40 when one of them is wrong. Whose signatures
    to believe is a setting of git: gpg.ssh.allowedSignersFile, or your OpenPGP keys.

    Example: dsv verify --all --signatures
    """
    from dsv.operations.verify import Signatures, verify
    from dsv.repository.chosen_versions import Extent

    result = verify(
        current().open(),
        *(reference(each) for each in refs or ()),
        extent=Extent.ALL if every else Extent.LATEST,
        signatures=Signatures.NEEDED if signatures else Signatures.LEFT_OUT,
    )
    show(result, _lines(result))
    return 0 if result.ok else _PROBLEMS


def _lines(result: Verified) -> Iterator[str]:
    for each in result.results:
        yield f"{green('ok') if each.ok else red('wrong')}  {bold(each.reference)}"
        yield from (f"  {_line(problem)}" for problem in each.problems)
    wrong = sum(not each.ok for each in result.results)
    yield f"{count(len(result.results), 'version')}: " + (red(f"{wrong} wrong") if wrong else green("all as released"))


def _line(problem: Problem) -> str:
    """What is wrong where, and how to see more of it."""
    path, expected, actual = (visible(text or "") for text in (problem.path, problem.expected, problem.actual))
    words = {
        "missing": f"is not there; it should name {expected}",
        "unsigned": "carries no signature",
        "signature": "carries a signature that git does not believe (git verify-tag and verify-commit say why)",
        "unreadable": f"cannot be read: {actual}" if actual else "cannot be read",
    }
    said = words.get(problem.kind) or (f"has {actual} where {expected} is expected" if expected else actual)
    return f"{problem.place}  {path} {said}"
