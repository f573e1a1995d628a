"""`dsv remote add`, `dsv remote list`, `dsv remote test`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import table, visible


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it, in lower case.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="s3://bucket/path, ssh://host/path, a directory.")],
    endpoint_url: Annotated[
        str, typer.Option("--endpoint-url", metavar="U", help="The server, where S3 is not Amazon's.")
    ] = "",
    region: Annotated[str, typer.Option("--region", metavar="R", help="The region of an S3 bucket.")] = "",
    profile: Annotated[
        str, typer.Option("--profile", metavar="P", help="The profile in your AWS settings that holds the keys.")
    ] = "",
    default: Annotated[bool, typer.Option("--default", help="The usual one; the first is that anyway.")] = False,
) -> None:
    """Set up a place to publish data to, and commit it.

    Keys have no place here, because git keeps what is written: they are taken from the environment, from a profile, or
    from .dvc/config.local, which `dvc remote modify --local` writes.

    Example: dsv remote add storage s3://bucket/datasets
    """
    from dsv.operations.remote import remote_add

    options = {"endpointurl": endpoint_url, "region": region, "profile": profile}
    result = remote_add(current().open(), name, url, directory=os.getcwd(), options=options, default=default)
    note = ", the default" if result.remote.default else ""
    lines = [f"{result.remote.name} is {visible(url)}{note}; committed"]
    show(result, [*lines, f"dsv remote test {result.remote.name} tells whether it answers"])


def list_remotes() -> None:
    """The places that data is published to.

    Example: dsv remote list
    """
    from dsv.operations.remote import remote_list

    result = remote_list(current().open())
    rows = [
        [
            each.name,
            visible(each.url),
            "default" if each.default else "",
            visible(" ".join(f"{option}={value}" for option, value in each.options.items())),
        ]
        for each in result.remotes
    ]
    lines = table(["remote", "url", "", ""], rows) if rows else ["no remote is set up; dsv remote add NAME URL"]
    show(result, lines)


def try_remote(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="The remote; the default one without a name.")] = "",
) -> None:
    """Find out in seconds whether a remote can be used.

    Looks whether it answers and may be read, and writes an object without bytes, which every version may share.

    Example: dsv remote test storage
    """
    from dsv.operations.remote import remote_test

    result = remote_test(current().open(), name)
    line = f"{result.remote} ({visible(result.address)}) can be read and written"
    if result.refusal:
        line = f"{result.remote} ({visible(result.address)}) can be read, not written: {visible(result.refusal)}"
    show(result, [line])
