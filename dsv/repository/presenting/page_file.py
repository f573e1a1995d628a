"""A page in a file of the user's choice, which may only be a new one or an earlier page of dsv's."""

from __future__ import annotations

import os

from dsv.errors import ExistsError, UsageError
from dsv.exports.html import GENERATOR
from dsv.repository.files import write_bytes

_HEAD = 2048


def write_page(path: str, page: str) -> None:
    """Put the page there. Errors: ExistsError where something else is, which stays; UsageError for a directory."""
    if os.path.isdir(path):
        raise UsageError(f"{path!a} is a directory", hint="name the file, for instance report.html in it")
    if os.path.lexists(path) and not _is_page(path):
        raise ExistsError(
            f"{path!a} exists and is no page that dsv wrote", hint="name another file with -o, or remove this one"
        )
    write_bytes(os.path.abspath(path), page.encode())


def _is_page(path: str) -> bool:
    if not os.path.isfile(path) or os.path.islink(path):
        return False
    with open(path, "rb") as stream:
        return GENERATOR.encode() in stream.read(_HEAD)
