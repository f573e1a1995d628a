"""`dsv verify`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.options import reference
from dsv.cli.output import bold, green, red, show
from dsv.cli.session import current
from dsv.cli.text import count, number, shortened, terminal_columns, visible, width
from dsv.errors import NoRepositoryError, UsageError

if TYPE_CHECKING:
    from dsv.operations.verify import Verified, VerifiedVersion
    from dsv.operations.verify_stamp import VerifiedStamp
    from dsv.repository import Repository
    from dsv.repository.verification.verification import Problem

_PROBLEMS = 40
_SHOWN = 20
_NAMED = 5


def verify(
    refs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REF]...", help="Versions, such as leases@1.0.0; the latest of every dataset without."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every known version.")] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every byte, and make the record indexes again from the data.")
    ] = False,
    remote: Annotated[
        str | None,
        typer.Option("--remote", metavar="[NAME]", help="Look at a DVC remote too; the default one without a name."),
    ] = None,
    no_local: Annotated[
        bool, typer.Option("--no-local", help="Leave out cache and work tree, as in a clone that never had data.")
    ] = False,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Put good bytes from another place where bad ones are, and keep these aside."),
    ] = False,
    signatures: Annotated[
        bool, typer.Option("--signatures", help="Ask for a signature that git believes on each tag, or else commit.")
    ] = False,
    stamp: Annotated[
        str | None,
        typer.Option("--stamp", metavar="DIR", help="Only the versions that the model in DIR is stamped with."),
    ] = None,
) -> int:
    """Whether versions are what was released, in every place.

    Looks at manifest, tag, pointers, record index, DVC's cache and the working tree, each by itself, and leaves with 40
    when one of them is wrong. Lists and indexes are always read, the data with --deep. Whose signatures to believe is a
    setting of git: gpg.ssh.allowedSignersFile, or your OpenPGP keys. --stamp asks whether the versions that a model was
    made from are still what they were, here or, with --repo URL or by what the stamp says, elsewhere.

    Example: dsv verify --all --deep
    """
    if stamp is not None:
        if refs or every or deep or remote is not None or no_local or repair or signatures:
            raise UsageError(
                "--stamp looks at manifests and tags of what the stamp names, and at no data",
                hint="dsv verify REF looks at the data of a version",
            )
        return _stamp(stamp)
    from dsv.operations.verify import Signatures, verify
    from dsv.operations.verify import repair as mend
    from dsv.repository.transfer.chosen_versions import Extent
    from dsv.repository.verification.verification import Depth, Local

    if repair and no_local:
        raise UsageError("--repair puts right what is here, which --no-local leaves out", hint="leave one of them out")
    local = Local.LEFT_OUT if no_local else Local.LOOKED_AT
    result = (mend if repair else partial(verify, local=local))(
        current().open(),
        *(reference(each) for each in refs or ()),
        extent=Extent.ALL if every else Extent.LATEST,
        depth=Depth.BYTES if deep else Depth.LISTS,
        remote=remote,
        signatures=Signatures.NEEDED if signatures else Signatures.LEFT_OUT,
    )
    show(result, [*_repairs(result), *_lines(result)])
    return 0 if result.ok else _PROBLEMS


def _stamp(directory: str) -> int:
    from dsv.operations.verify_stamp import verify_stamp

    session = current()
    repository: Repository | None = None
    if session.repo != ".":
        repository = _open_other(session.repo)
    else:
        with suppress(NoRepositoryError):
            repository = session.open()
    result = verify_stamp(repository, directory, open_other=_open_other)
    show(result, _stamped(result))
    return 0 if result.ok else _PROBLEMS


def _open_other(place: str, root: str = "") -> Repository:
    """The repository at an address or a path, to be read."""
    from dsv.model.executor import LOCAL
    from dsv.repository.obtaining.origin import origin

    session = current()
    found = origin(
        place,
        root=root,
        tell=session.tell,
        progress=session.progress(),
        executor=session.executor or LOCAL,
        lock_timeout=session.lock_timeout,
    )
    return found.as_it_is_now()


def _stamped(result: VerifiedStamp) -> Iterator[str]:
    for each in result.results:
        yield f"{green('ok') if each.ok else red('wrong')}  {bold(each.used.reference)}" + visible(
            f" as stamped on {result.stamp.training_timestamp[:10]}" if each.ok else f" in {each.repository}"
        )
        if each.status != "active":
            yield visible(f"  it is {each.status} now{f': {each.cause}' if each.cause else ''}")
        for problem in each.problems:
            yield from _told(problem)


def _repairs(result: Verified) -> Iterator[str]:
    """What was done, a line or two each."""
    for each in (result.repaired or ())[:_SHOWN]:
        what = f"{each.place}  {visible(each.path)}"
        if each.source is None:
            yield f"{red('taken away')}  {what}: there are no good bytes anywhere"
        else:
            yield f"{green('repaired')}  {what} from the {visible(each.source)}"
    if result.repaired is not None and len(result.repaired) > _SHOWN:
        yield f"and {number(len(result.repaired) - _SHOWN)} more, which --json lists"
    if result.quarantine is not None:
        yield f"what was bad is kept in {visible(result.quarantine)}"


def _lines(result: Verified) -> Iterator[str]:
    for each in result.results:
        yield f"{green('ok') if each.ok else red('wrong')}  {bold(each.reference)}"
        for problem in each.problems[:_SHOWN]:
            yield from _told(problem)
        if len(each.problems) > _SHOWN:
            yield f"  and {number(len(each.problems) - _SHOWN)} more, which --json lists"
    wrong = [each for each in result.results if not each.ok]
    yield f"{count(len(result.results), 'version')}: " + (
        red(f"{len(wrong)} wrong") if wrong else green("all as released")
    )
    if result.repaired is None and any(problem.object for each in wrong for problem in each.problems):
        yield f"dsv verify {' '.join(each.reference for each in wrong[:_NAMED])} --repair looks for good bytes"
    yield from dict.fromkeys(hint for each in wrong for hint in _remedies(each))


def _told(problem: Problem) -> Iterator[str]:
    """What is wrong where, on one line where that fits."""
    head, said = f"  {problem.place}  {visible(problem.path)}", _said(problem)
    if width(head) + 1 + width(said) <= terminal_columns():
        yield f"{head} {said}"
    else:
        yield shortened(head, terminal_columns())
        yield from textwrap.wrap(
            said, max(terminal_columns(), 40), initial_indent=" " * 6, subsequent_indent=" " * 6, break_on_hyphens=False
        )


def _said(problem: Problem) -> str:
    expected, actual = (visible(text or "") for text in (problem.expected, problem.actual))
    words = {
        "missing": f"is not there; it should name {expected}" if problem.path.endswith(".dvc") else "is not there",
        "unexpected": "is not of this version",
        "unsigned": "carries no signature",
        "signature": "carries a signature that git does not believe (git verify-tag and verify-commit say why)",
        "unreadable": f"cannot be read: {actual}" if actual else "cannot be read",
    }
    said = words.get(problem.kind) or (f"has {actual} where {expected} is expected" if expected else actual)
    return said if problem.file is None else f"{said} ({visible(problem.file)})"


def _remedies(version: VerifiedVersion) -> Iterator[str]:
    """What to do about it, a line each."""
    from dsv.repository.verification.verification import CACHE, INDEX, MANIFEST, SCORES, TAG, WORK

    reference, name = version.reference, version.reference.partition("@")[0]
    pulled = any(each.place == WORK and not each.touched and each.kind == "missing" for each in version.problems)
    if pulled:
        yield f"dsv pull {reference} brings the data"
    for problem in version.problems:
        if problem.place == WORK and problem.touched:
            yield (
                f"files of {name} were changed or removed: dsv bump {name} releases that, dsv checkout {reference} "
                "--force takes it back"
            )
        elif (
            problem.place in {CACHE, INDEX, SCORES} and problem.kind == "missing" and not problem.path.endswith(".dvc")
        ):
            yield from () if pulled else [f"dsv fetch {reference} brings what is missing from the remote"]
        elif problem.place == MANIFEST:
            yield f"git log -p -- {visible(problem.path)} and git diff show what was edited; git restore brings it back"
        elif problem.place == TAG:
            yield f"git tag -d {visible(problem.path)}, then dsv tag {reference} makes it anew on HEAD"
