"""`dsv export`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.options import reference
from dsv.cli.output import print_text, show
from dsv.cli.session import current
from dsv.cli.text import count, visible
from dsv.errors import UsageError
from dsv.model.problems import shown

if TYPE_CHECKING:
    from dsv.model.export_form import ExportForm
    from dsv.operations.export import VersionExported

_FORMS = "croissant|huggingface|openlineage|datapackage|prov|audit"


def export(
    ref: Annotated[str, typer.Argument(metavar="REF", help="A version; a name alone is its latest.")],
    form: Annotated[str, typer.Option("--as", metavar=_FORMS, help="The form.", show_default=False)] = "",
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="Write it there: a file; for croissant, huggingface and datapackage a directory with the data.",
        ),
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace files of others that are in the way.")] = False,
) -> None:
    """Write a version in the form that another tool reads.

    Without -o the document alone is printed. A directory that an earlier export wrote is brought up to date: what
    others put there stays, and of a Hugging Face card only the block that dsv wrote changes.

    An audit pack is an archive with all that git knows of a version, and a script that verifies it without dsv.

    Example: dsv export leases@1.1.0 --as huggingface -o leases-card
    """
    from dsv.operations.export import export

    chosen = _form(form)
    session, asked = current(), reference(ref)
    look = session.open_to_compare if chosen.is_archive else session.open_to_read
    result = export(look(root=asked.prefix), asked, chosen, to=output or None, force=force)
    for note in result.notes:
        session.tell(note)
    if result.path is None and not session.json:
        print_text(result.text)
    else:
        show(result, _lines(result))


def _form(word: str) -> ExportForm:
    """The form that the word means; UsageError for none."""
    from dsv.model.export_form import ExportForm

    try:
        return ExportForm(word)
    except ValueError:
        said = f"--as takes {_FORMS.replace('|', ', ')}"
        raise UsageError(f"{said}, not {shown(word)}" if word else said, hint="see dsv export --help") from None


def _lines(result: VersionExported) -> Iterator[str]:
    filled = result.filled
    yield f"{result.ref} as {result.form.value}: {visible(result.path or '')}, {count(len(filled.written), 'file')}"
    if filled.removed:
        yield f"  {count(len(filled.removed), 'file')} of an earlier export taken away"
    yield from (f"  kept, though this version has no such file: {visible(path)}" for path in filled.kept)
    if result.form.is_archive:
        yield f"  {result.digest}"
        yield "  tar -xf it, and sh verify.sh in it needs sha256sum and git alone"
