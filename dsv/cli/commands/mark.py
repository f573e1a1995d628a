"""`dsv deprecate`, `dsv yank`, `dsv archive`, `dsv remove` and `dsv restore`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.output import bold, show
from dsv.cli.session import current

if TYPE_CHECKING:
    from dsv.model.standing import Happening
    from dsv.repository.known.events import Recorded

Ref = Annotated[str, typer.Argument(metavar="REF", help="A version; a name alone is the whole dataset.")]
Version = Annotated[str, typer.Argument(metavar="REF", help="The version, such as leases@1.1.0.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The dataset.")]
Why = Annotated[str, typer.Option("--reason", metavar="WHY", help="Why; whoever meets it reads this.")]


def deprecate(ref: Ref, reason: Why) -> None:
    """Warn whoever takes a version or a dataset.

    It is found as ever, with a warning that gives the reason.

    Example: dsv deprecate leases@1.0.0 --reason "use 1.1.0, its dates are right"
    """
    from dsv.model.standing import Happening

    _mark(Happening.DEPRECATE, ref, reason)


def yank(ref: Version, reason: Why) -> None:
    """Withdraw a version: only its exact number finds it.

    Latest, ranges, dates and stages leave it out, and the next version is not compared with it. Its number stays taken.

    Example: dsv yank leases@1.1.0 --reason "the labels of 50 records are wrong"
    """
    from dsv.model.standing import Happening

    _mark(Happening.YANK, ref, reason)


def archive(name: Name, reason: Why) -> None:
    """Leave a dataset out of lists; references find it.

    Example: dsv archive leases --reason "the project has ended"
    """
    from dsv.model.standing import Happening

    _mark(Happening.ARCHIVE, name, reason)


def remove(ref: Ref, reason: Why) -> None:
    """Withdraw a version or dataset, and list it no more.

    Only exact numbers find it. No bytes are deleted and no history is rewritten: `dsv restore` takes it back.

    Example: dsv remove leases --reason "the licence has expired"
    """
    from dsv.model.standing import Happening

    _mark(Happening.REMOVE, ref, reason)


def restore(ref: Ref, reason: Why = "") -> None:
    """Take back the last deprecation, yank, archive or removal.

    Example: dsv restore leases@1.1.0 --reason "the labels were right"
    """
    from dsv.model.standing import Happening

    _mark(Happening.RESTORE, ref, reason)


def _mark(kind: Happening, text: str, reason: str) -> None:
    from dsv.model.subject import parse_subject
    from dsv.operations.mark import mark

    result = mark(current().open(), kind, parse_subject(text), reason=reason)
    show(result, _lines(result))


def _lines(result: Recorded) -> Iterator[str]:
    event, document = result.event, result.document()
    subject = event.dataset if event.version is None else f"{event.dataset} {event.version}"
    yield bold(subject) + f" is {document['status']}"
    yield f"event {event.file} in commit {result.commit[:10]}"
