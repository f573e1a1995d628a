"""`dsv bump`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli import options
from dsv.cli.output import show
from dsv.cli.releases import release_lines
from dsv.cli.session import current
from dsv.errors import UsageError


def bump(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="The datasets to release.")],
    level: Annotated[
        str, typer.Option("--level", metavar="major|minor|patch", help="A higher level than the change asks for.")
    ] = "",
    version: Annotated[
        str | None, typer.Option("--version", metavar="V", help="This number instead of the computed one.")
    ] = None,
    pre: Annotated[str, typer.Option("--pre", metavar="rc", help="A pre-release: 1.1.0-rc.1, then -rc.2.")] = "",
    summary: options.Summary = "",
    tags: options.Tags = [],
    meta: options.Metadata = [],
    meta_file: options.MetadataFile = "",
    sources: options.Sources = [],
    notes: options.Notes = [],
    produced_by: options.ProducedBy = "",
    allow_lower: Annotated[
        str, typer.Option("--allow-lower", metavar="WHY", help="Allow a level below the computed one, and record why.")
    ] = "",
    waive: options.Waivers = [],
    on_bad_record: options.OnBadRecord = "refuse",
    if_changed: Annotated[bool, typer.Option("--if-changed", help="Leave with 0 when nothing changed.")] = False,
    renumber: Annotated[
        bool,
        typer.Option("--renumber", help="Give releases that nobody else has other numbers, where others took theirs."),
    ] = False,
    explain: options.Explain = False,
    untrack: options.Untrack = False,
    no_tag: options.NoTag = False,
    no_verify: options.NoVerify = False,
    dry_run: options.DryRun = False,
) -> None:
    """Release the next version; its number follows from the change.

    Without -m the summary is computed: "2,000 added, 50 modified of 5,000".

    Example: dsv bump leases -m "Added 2,000 retail leases; fixed 50 dates"
    """
    from dsv.model.facts import Facts
    from dsv.model.numbering import NumberRequest
    from dsv.model.version import Level, Version
    from dsv.operations.bump import bump

    if renumber:
        told = (summary, tags, meta, meta_file, sources, notes, produced_by, allow_lower, waive, level, version, pre)
        if any(told) or if_changed or explain or untrack or no_tag or on_bad_record != "refuse":
            raise UsageError(
                "--renumber keeps what was said of the versions, so it takes --dry-run and no other option of bump",
                hint=f"dsv bump {' '.join(names)} --renumber",
            )
        _renumber(names, dry_run=dry_run)
        return
    if version is not None and (level or pre):
        raise UsageError("--version names the number, so --level and --pre have no say", hint="leave one of them out")
    try:
        wanted = Level.parse(level) if level else None
    except ValueError as error:
        raise UsageError(str(error)) from None
    request = NumberRequest(wanted, None if version is None else Version.parse(version), pre, allow_lower)
    facts = Facts(
        summary=summary,
        tags=tuple(tags),
        metadata=options.metadata(meta, meta_file),
        sources=tuple(sources),
        produced_by=produced_by,
        notes=tuple(notes),
        waived=options.waivers(waive),
    )
    result = bump(
        current().open(),
        *names,
        request=request,
        facts=facts,
        options=options.release_options(
            on_bad_record, no_tag=no_tag, dry_run=dry_run, no_verify=no_verify, untrack=untrack
        ),
        if_changed=if_changed,
        explain=explain,
    )
    lines = [line for each in result.releases for line in release_lines(each)]
    lines += [f"{name} unchanged, nothing to release" for name in result.unchanged]
    one = result.releases[0] if len(names) == 1 and result.releases else None
    show(one or result, lines)


def _renumber(names: list[str], *, dry_run: bool) -> None:
    from dsv.cli.text import count
    from dsv.operations.renumber import renumber

    result = renumber(current().open(), *names, options=options.release_options(no_tag=False, dry_run=dry_run))
    lines = [line for each in result.releases for line in release_lines(each)]
    lines += [f"{old} is gone: {theirs} of {result.upstream} has the same data" for old, theirs in result.same.items()]
    if result.commits:
        lines.append(f"{count(result.commits, 'other commit')} upon {result.upstream} as well")
    if not dry_run:
        lines.append(f"the branch was at {result.before[:7]} before; dsv push publishes it now")
    show(result, lines)
