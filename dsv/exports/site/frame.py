"""What every page of a site has around its content: a way past the head, where one is, and a foot."""

from __future__ import annotations

from collections.abc import Sequence

from dsv.exports.html import link, linked_page, text
from dsv.exports.site.places import FRONT, LINEAGE, STYLE, Places


def framed(
    title: str, content: str, *, places: Places, way: Sequence[tuple[str, str]] = (), scripts: Sequence[str] = ()
) -> str:
    """A page with the content, which is HTML; `way` are the pages above this one and this one, text and address."""
    steps = "".join(f"<li>{_step(words, address)}</li>" for words, address in way)
    above = f'<nav aria-label="Where this is"><ol class="way">{steps}</ol></nav>' if way else ""
    head = (
        '<a class="skip" href="#content">Skip to the content</a>\n'
        f'<div class="head"><nav aria-label="Site">{link("Datasets", places.at(FRONT))} '
        f"{link('Lineage', places.at(LINEAGE))}</nav>{above}</div>"
    )
    body = (
        f'{head}\n<main id="content" tabindex="-1">\n{content}\n</main>\n'
        "<footer><p>Made from git and DVC by dsv. Nothing here is loaded from elsewhere.</p></footer>"
    )
    return linked_page(title, body, style=places.at(STYLE), scripts=[places.at(each) for each in scripts])


def _step(words: str, address: str) -> str:
    return link(text(words), address) if address else f'<span aria-current="page">{text(words)}</span>'
