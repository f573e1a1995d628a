"""What tests of pages share: texts that want to be taken for markup, and a reader of HTML that notices."""

from __future__ import annotations

from html.parser import HTMLParser

HOSTILE = [
    "</code><script>alert(1)</script>",
    "</del></dd></article><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "``` \n```\n# title",
    "`````` and ` and ``",
    "`",
    "a|b \\| c \\",
    "@team and @octocat/team",
    "![x](http://example.com/x.png) [y](javascript:alert(1)) <http://example.com>",
    "https://example.com www.example.com a@example.com #1 GH-1",
    "\u202egnp.exe \u2066 \u200b",
    "\x1b[31mred\x1b]8;;http://example.com\x07 \x00 \r\n\t\x85\u2028",
    "\ud800 alone",
    "---\n- [ ] task\n> quote\n1. one",
    "&lt;b&gt; &#60;b&#62;",
    "*a* _b_ ~~c~~ $x$ :smile: <!-- gone -->",
    "",
    "   ",
]
VOID = {"meta", "link", "input"}
DRAWN = {"rect", "line", "circle", "polyline", "path"}


class Page(HTMLParser):
    """What is in a page, whose tags must be closed in their order; `links` are all addresses in it."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.open, self.texts = set(), set(), [], []
        self.ids, self.links, self.headings = [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name in ("href", "src")]
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in DRAWN  # of SVG; HTML has no such tags
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def check_texts(page):
    """The page, in which nothing hides and nothing acts."""
    page.encode()
    assert not any(ord(each) < 32 and each not in "\n\t" for each in page)
    assert not {"\u202e", "\u2066", "\u200b", "\x85", "\u2028", "\x7f"}.intersection(page)
    return Page(page)
