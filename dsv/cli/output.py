"""Results on stdout: one JSON document with --json, otherwise lines for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any, Protocol

import click

from dsv.cli.session import current
from dsv.model.visible import visible_json


class Document(Protocol):
    """A result of an operation."""

    def document(self) -> dict[str, Any]:
        """The document that `--json` prints."""


def show(result: Document, lines: Iterable[str]) -> None:
    """Print the result as JSON or, when no JSON is asked for, the lines."""
    session = current()
    if session.json:
        print_document(result.document())
        return
    for line in lines:
        click.echo(line, color=session.coloured)


def print_document(document: dict[str, Any]) -> None:
    """One JSON document on stdout; what cannot be UTF-8, or acts on a terminal, stands as a JSON escape."""
    text = visible_json(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode() + b"\n")
    sys.stdout.buffer.flush()


def print_text(text: str) -> None:
    """A report on stdout, in UTF-8 whatever the locale is, so that it may be written into a file."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def bold(text: str) -> str:
    """For the name of the thing a line is about."""
    return click.style(text, bold=True)


def green(text: str) -> str:
    """For what was added or is right."""
    return click.style(text, fg="green")


def red(text: str) -> str:
    """For what was removed or is wrong."""
    return click.style(text, fg="red")


def yellow(text: str) -> str:
    """For what was changed or needs a look."""
    return click.style(text, fg="yellow")


def found(text: str) -> str:
    """For what was looked for."""
    return click.style(text, fg="yellow", bold=True)


def dim(text: str) -> str:
    """For what is the same, or left out."""
    return click.style(text, dim=True)
