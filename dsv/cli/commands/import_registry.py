"""`dsv import registry`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli import options
from dsv.cli.output import bold, show
from dsv.cli.session import current
from dsv.cli.text import count, number, table, visible

if TYPE_CHECKING:
    from dsv.operations.import_registry import ImportedRegistry


def registry(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="postgresql://USER@HOST/DATABASE, or sqlite:///registry.db.")
    ],
    to: Annotated[str, typer.Option("--to", metavar="DIR", help="Where the data goes: DIR/NAME.")] = "data",
    moved: Annotated[
        list[str],
        typer.Option("--map", metavar="OLD=NEW", help="What the beginning of paths in it is today; may be repeated."),
    ] = [],
    schema: Annotated[
        str | None, typer.Option("--schema", metavar="NAME", help="The database's schema that it is in.")
    ] = None,
    scorer: Annotated[
        str, typer.Option("--scorer", metavar="ID", help="Whose scores its metrics become.")
    ] = "registry",
    on_bad_record: options.OnBadRecord = "refuse",
    no_tag: options.NoTag = False,
    no_verify: options.NoVerify = False,
    dry_run: options.DryRun = False,
) -> None:
    """Bring in a registry of datasets from a database.

    Its versions whose files are still there, and still what it released, become releases here, with their numbers,
    words, tags, authors and days, what they were made from, and the metrics of their examples as scores. What cannot
    come is told with the reason. Run again, it goes on with what is not here yet. Passwords come from PGPASSWORD or
    ~/.pgpass, as psql takes them.

    Example: dsv import registry postgresql://ana@db.example.com/datasets --dry-run
    """
    from dsv.model.scores import parse_scorer
    from dsv.operations.import_registry import ImportOptions, import_registry

    result = import_registry(
        current().open(),
        url,
        options=ImportOptions(
            directory=to,
            moved=options.pairs(moved, option="--map"),
            schema=schema,
            scorer=parse_scorer(scorer),
            release=options.release_options(on_bad_record, no_tag=no_tag, dry_run=dry_run, no_verify=no_verify),
        ),
    )
    show(result, _lines(result))


def _lines(result: ImportedRegistry) -> Iterator[str]:
    holds = f"{count(len(result.versions), 'version')} of {count(len(result.datasets), 'dataset')}"
    yield bold(visible(result.registry)) + f": {holds}{'; nothing was written' if result.dry_run else ''}"
    for each in result.datasets:
        status = f", {each.status}" if each.status else ""
        if each.name != each.stated or status:
            kind = f" of the type {visible(each.type)}" if each.type else ""
            yield f"  {each.name} is '{visible(each.stated)}'{kind}{status}"
    rows = [
        (
            each.ref or f"{each.dataset} {each.stated}",
            each.course.value,
            "" if each.records is None else number(each.records),
            number(each.scores) if each.scores else "",
        )
        for each in result.versions
    ]
    head, *lines = table(("VERSION", "", "RECORDS", "SCORES"), rows, right=[2, 3])
    yield head
    for line, version in zip(lines, result.versions, strict=True):
        yield line
        yield from (f"  {visible(said)}" for said in (version.why, *version.remarks) if said)
    for stray in result.left:
        yield f"left out: {visible(f'{stray.what} {stray.name}: {stray.why}')}"
