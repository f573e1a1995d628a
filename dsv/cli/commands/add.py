"""`dsv add`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli import options
from dsv.cli.output import show
from dsv.cli.releases import release_lines
from dsv.cli.session import current
from dsv.errors import UsageError


def add(
    path: Annotated[str, typer.Argument(metavar="PATH", help="A directory or file with data.")],
    name: Annotated[
        str | None, typer.Option("--name", metavar="N", help="The dataset's name; else the path's last part.")
    ] = None,
    kind: Annotated[str, typer.Option("--type", metavar="T", help="What kind of data it is, a word of yours.")] = "",
    form: Annotated[str, typer.Option("--format", metavar="F", help="auto, jsonl, json, csv, tsv or opaque.")] = "",
    description: Annotated[str, typer.Option("--description", metavar="D", help="What the dataset is.")] = "",
    owners: Annotated[
        list[str], typer.Option("--owner", metavar="O", help="Who answers for it; may be repeated.")
    ] = [],
    key: Annotated[
        list[str], typer.Option("--key", metavar="FIELD", help="The field that identifies a record; may be repeated.")
    ] = [],
    splits: Annotated[
        list[str], typer.Option("--split", metavar="NAME=GLOB", help="Which files make a split; may be repeated.")
    ] = [],
    version: Annotated[
        str | None, typer.Option("--version", metavar="V", help="The first version; else 1.0.0.")
    ] = None,
    summary: options.Summary = "",
    tags: options.Tags = [],
    meta: options.Metadata = [],
    meta_file: options.MetadataFile = "",
    sources: options.Sources = [],
    produced_by: options.ProducedBy = "",
    on_bad_record: options.OnBadRecord = "refuse",
    no_release: Annotated[bool, typer.Option("--no-release", help="Declare the dataset; release nothing yet.")] = False,
    untrack: options.Untrack = False,
    no_tag: options.NoTag = False,
    no_verify: options.NoVerify = False,
    dry_run: options.DryRun = False,
) -> None:
    """Start tracking data, and release its first version.

    Example: dsv add data/leases --type lease_abstraction --key doc_id -m "First"
    """
    from dsv.model.facts import Facts
    from dsv.model.version import Version
    from dsv.operations.add import Declaration, add, declare

    declaration = Declaration(
        name=name,
        type=kind,
        format=form,
        description=description,
        owners=tuple(owners),
        key=tuple(key),
        splits=options.splits(splits),
    )
    if no_release:
        if untrack:
            raise UsageError("--untrack is part of a release", hint="leave out --no-release")
        declared = declare(current().open(), path, declaration, hooks=options.hooks(no_verify=no_verify))
        show(declared, [f"{declared.dataset} declared in {declared.file}; dsv bump {declared.dataset} releases it"])
        return
    facts = Facts(
        summary=summary,
        tags=tuple(tags),
        metadata=options.metadata(meta, meta_file),
        sources=tuple(sources),
        produced_by=produced_by,
    )
    result = add(
        current().open(),
        path,
        declaration,
        facts=facts,
        version=None if version is None else Version.parse(version),
        options=options.release_options(
            on_bad_record, no_tag=no_tag, dry_run=dry_run, no_verify=no_verify, untrack=untrack
        ),
    )
    show(result, release_lines(result))
