"""`dsv add`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli import options
from dsv.cli.output import bold, show
from dsv.cli.releases import history_lines, release_lines
from dsv.cli.session import current
from dsv.errors import UsageError

if TYPE_CHECKING:
    from dsv.model.release_options import Hooks
    from dsv.repository import Repository
    from dsv.repository.declared.declarations import Declaration


def add(
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="[PATH...]", help="A directory or file with data; or several.")
    ] = None,
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
    template: Annotated[
        str, typer.Option("--template", metavar="T", help="Begin dataset.yaml with this template; list shows them.")
    ] = "",
    version: Annotated[
        str | None, typer.Option("--version", metavar="V", help="The first version; else 1.0.0.")
    ] = None,
    summary: options.Summary = "",
    tags: options.Tags = [],
    meta: options.Metadata = [],
    meta_file: options.MetadataFile = "",
    sources: options.Sources = [],
    notes: options.Notes = [],
    produced_by: options.ProducedBy = "",
    waive: options.Waivers = [],
    on_bad_record: options.OnBadRecord = "refuse",
    no_release: Annotated[bool, typer.Option("--no-release", help="Declare the dataset; release nothing yet.")] = False,
    each: Annotated[
        str, typer.Option("--each", metavar="DIR", help="Every directory and file in DIR, each a dataset of its own.")
    ] = "",
    history: Annotated[
        bool,
        typer.Option("--history", help="A version for each state that the data's DVC pointer had in git's history."),
    ] = False,
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
    from dsv.operations.add import add, add_each, add_history
    from dsv.repository.declared.declarations import Declaration

    if template == "list":
        _list_templates()
        return
    repository = current().open()
    chosen = [*(paths or ()), *(add_each(repository, each) if each else ())]
    if not chosen:
        raise UsageError("no PATH was given", hint="dsv add data/leases, or dsv add --each data")
    declaration = Declaration(
        name=name,
        type=kind,
        format=form,
        description=description,
        owners=tuple(owners),
        key=tuple(key),
        splits=options.splits(splits),
        template=template,
    )
    if no_release:
        if untrack or history:
            word = "--history" if history else "--untrack"
            raise UsageError(f"{word} is part of a release", hint="leave out --no-release")
        _declare(repository, chosen, declaration, hooks=options.hooks(no_verify=no_verify))
        return
    facts = Facts(
        summary=summary,
        tags=tuple(tags),
        metadata=options.metadata(meta, meta_file),
        sources=tuple(sources),
        produced_by=produced_by,
        notes=tuple(notes),
        waived=options.waivers(waive),
    )
    result = (add_history if history else add)(
        repository,
        *chosen,
        declaration=declaration,
        facts=facts,
        version=None if version is None else Version.parse(version),
        options=options.release_options(
            on_bad_record, no_tag=no_tag, dry_run=dry_run, no_verify=no_verify, untrack=untrack
        ),
    )
    if history:
        show(result, history_lines(result.releases))
        return
    lines = [line for each in result.releases for line in release_lines(each)]
    show(result if len(chosen) > 1 or each else result.releases[0], lines)


def _list_templates() -> None:
    from dsv.repository.declared.templates import templates

    known = templates()
    width = max(map(len, known.words))
    show(known, [f"{bold(name)}{' ' * (width - len(name))}  {words}" for name, words in known.words.items()])


def _declare(repository: Repository, paths: Sequence[str], declaration: Declaration, *, hooks: Hooks) -> None:
    from dsv.operations.add import declare

    if len(paths) > 1:
        raise UsageError("--no-release takes one PATH", hint="declare them one by one")
    declared = declare(repository, paths[0], declaration, hooks=hooks)
    show(declared, [f"{declared.dataset} declared in {declared.file}; dsv bump {declared.dataset} releases it"])
