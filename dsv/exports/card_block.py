"""The block of a Markdown text that is dsv's, between two comments that nobody sees in the page."""

from __future__ import annotations

MARKS = ("<!-- dsv:begin -->", "<!-- dsv:end -->")


def has_block(text: str) -> bool:
    """Whether the text has a place for a block."""
    start, end = map(text.find, MARKS)
    return 0 <= start < end


def with_block(text: str, lines: str) -> str:
    """The text with these lines between the marks, which come to its end where it has none."""
    begin, end = MARKS
    block = f"{begin}\n{lines}\n{end}"
    if not has_block(text):
        return f"{text.rstrip()}\n\n{block}\n"
    return text[: text.index(begin)] + block + text[text.index(end) + len(end) :]
