"""HTML out of text that nobody has vetted: a page that runs nothing, loads nothing and holds all it needs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape

from dsv.model.visible import visible, visible_lines


def text(value: str) -> str:
    """The text on one line, safe in an element and in a quoted attribute."""
    return escape(visible(value), quote=True)


def prose(value: str) -> str:
    """The text with its line feeds, for an element that keeps them."""
    return escape(visible_lines(value), quote=True)


def page(title: str, body: str, *, style: str) -> str:
    """A page of the body, which is HTML, under the title, which is text; it allows its own style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n'
        "<head>\n"
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{text(title)}</title>\n"
        f"<style>{style}</style>\n"
        "</head>\n"
        f"<body>\n{body}\n</body>\n"
        "</html>\n"
    )


def table(headers: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """The rows as a table that scrolls where it is too wide; headers and the cells, with their tags, are HTML."""
    head = "".join(f"<th scope=col>{each}</th>" for each in headers)
    body = "\n".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    return f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'


def section(title: str, content: str) -> str:
    """A section under its title; both are HTML."""
    return f"<section>\n<h2>{title}</h2>\n{content}\n</section>"
