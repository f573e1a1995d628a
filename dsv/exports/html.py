"""HTML out of text that nobody has vetted: a page that runs nothing, loads nothing and holds all it needs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable, Sequence
from html import escape

from dsv.model.visible import visible, visible_lines

GENERATOR = '<meta name="generator" content="dsv">'
"""What every page has in its head: a file that has it may be written anew."""


def text(value: str) -> str:
    """The text on one line, safe in an element and in a quoted attribute."""
    return escape(visible(value), quote=True)


def prose(value: str) -> str:
    """The text with its line feeds, for an element that keeps them."""
    return escape(visible_lines(value), quote=True)


def page(title: str, body: str, *, style: str) -> str:
    """A page of the body, which is HTML, under the title, which is text; it allows its own style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _page(title, body, f"<style>{style}</style>", allowed=f"style-src 'sha256-{digest}'")


def linked_page(title: str, body: str, *, style: str, scripts: Sequence[str] = ()) -> str:
    """The same with its style, and scripts, in files beside it, as relative addresses; nothing else is allowed."""
    # In a file system not every browser takes a file beside a page for its own.
    scripting = "; script-src 'self' file:" if scripts else ""
    loaded = f'<link rel="stylesheet" href="{text(style)}">' + "".join(
        f'\n<script src="{text(each)}" defer></script>' for each in scripts
    )
    return _page(title, body, loaded, allowed=f"style-src 'self' file:{scripting}")


def _page(title: str, body: str, loaded: str, *, allowed: str) -> str:
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n'
        "<head>\n"
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"{GENERATOR}\n"
        f"<title>{text(title)}</title>\n"
        f"{loaded}\n"
        "</head>\n"
        f"<body>\n{body}\n</body>\n"
        "</html>\n"
    )


def link(shown: str, address: str) -> str:
    """What is shown, which is HTML, as a link where there is an address, which is text."""
    return f'<a href="{text(address)}">{shown}</a>' if address else shown


def table(headers: Iterable[str], rows: Iterable[Sequence[str]], *, words: Collection[int] = (), kind: str = "") -> str:
    """The rows as a table that scrolls where it is too wide; headers and the cells, with their tags, are HTML.

    Columns of numbers stand right, those of `words` left; `kind` is a class of the whole.
    """
    head = "".join(
        f"<th scope=col{' class=words' if at in words else ''}>{each}</th>" for at, each in enumerate(headers)
    )
    body = "\n".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    opened = f'<table class="{kind}">' if kind else "<table>"
    return f'<div class="scroll">{opened}\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'


def section(title: str, content: str) -> str:
    """A section under its title; both are HTML."""
    return f"<section>\n<h2>{title}</h2>\n{content}\n</section>"
