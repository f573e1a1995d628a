"""`dsv rollback`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.options import DryRun, NoTag, NoVerify, Summary, Waivers, release_options, waivers
from dsv.cli.output import show
from dsv.cli.releases import release_lines
from dsv.cli.session import current


def rollback(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The dataset.")],
    version: Annotated[str, typer.Argument(metavar="VERSION", help="The version whose data comes back.")],
    summary: Summary = "",
    waive: Waivers = [],
    no_tag: NoTag = False,
    no_verify: NoVerify = False,
    dry_run: DryRun = False,
) -> None:
    """Release an old version's data as the next version.

    History stays as it is; the number follows from the way back, like that of any other change.

    Example: dsv rollback leases 1.0.0 -m "The retail leases were mislabelled"
    """
    from dsv.model.version import Version
    from dsv.operations.rollback import rollback

    wanted = Version.parse(version.removeprefix("v"))
    result = rollback(
        current().open(),
        name,
        wanted,
        summary=summary,
        waived=waivers(waive),
        options=release_options(no_tag=no_tag, dry_run=dry_run, no_verify=no_verify),
    )
    show(result, release_lines(result))
