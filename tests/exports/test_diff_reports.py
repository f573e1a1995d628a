"""Reports of a comparison in which nothing of the data is taken as Markdown or HTML, whatever it holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dsv.exports.diff_html import diff_html
from dsv.exports.diff_markdown import LONGEST, diff_markdown
from dsv.exports.diff_report import DiffReport
from dsv.exports.markdown import code, fence
from dsv.model.breakdown import Breakdown, FileCounts, PartCounts, SplitCounts
from dsv.model.change import Change, FilesChange, RecordCounts
from dsv.model.fields import FieldsChange, FieldType
from dsv.model.version import Level
from dsv.records.changed_record import RecordPlace, changed_record
from tests.exports.pages import HOSTILE, check_texts


def report(texts, *, everywhere=False):
    """A report with each text in every place that data can be in."""
    examples = []
    for text in texts:
        place = RecordPlace(f"train/{text}", 1, "train")
        record = {text: text, "messages": [{"role": text, "content": text}], "list": [text]}
        edited = {text: f"{text} and", "messages": [{"role": text, "content": f"{text}!"}], "list": [text, {text: 1}]}
        ways = (
            ("modified", record, edited, place, place),
            ("added", None, record, None, place),
            ("removed", record, None, place, None),
            ("moved", record, record, place, RecordPlace(text, 2)),
        )
        examples += [
            changed_record(kind, key=[text], old=old, new=new, before=before, after=after)
            for kind, old, new, before, after in ways
        ]
    return DiffReport(
        old="notes@1.0.0",
        new="notes@work",
        change=Change(
            records=RecordCounts(added=1),
            files=FilesChange(added=tuple(texts), renamed=tuple((text, f"{text}2") for text in texts)),
            fields=FieldsChange(
                added=tuple(texts),
                removed=tuple(texts),
                changed=tuple(FieldType(text, ("string",), ("number",)) for text in texts),
            ),
        ),
        level=Level.MINOR,
        reasons=[f"field {text} added" for text in texts],
        follows="1.1.0",
        size_difference=1,
        breakdown=Breakdown(
            PartCounts(added=1, new=1),
            splits=(SplitCounts("train", PartCounts(added=1, new=1)),),
            files=tuple(FileCounts(text, added=1) for text in texts),
        ),
        where="" if everywhere else f"file={texts[0]}",
        examples=examples,
    )


TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "section", "article", "div", "h1", "h2", "h3", "p"),
    *("ul", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td"),
    *("code", "del", "ins", "em", "strong", "small", "span"),
}
ATTRIBUTES = {"lang", "charset", "name", "content", "http-equiv", "class", "scope"}


def check_html(page):
    found = check_texts(page)
    assert found.tags <= TAGS
    assert found.attributes <= ATTRIBUTES
    return found


def check_markdown(page):
    """Only our own words stand outside code."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(page)
    assert not {"html_block", "image", "hr", "blockquote_open"}.intersection(token.type for token in tokens)
    words = []
    for token in tokens:
        for child in token.children or ():
            assert child.type in {
                "text",
                "code_inline",
                "strong_open",
                "strong_close",
                "em_open",
                "em_close",
                "softbreak",
            }
            words.append(child.content if child.type == "text" else "")
        assert token.type != "fence" or token.info == "diff"
    assert not set("`<>@[]|\\*_~#$&\x1b\x00\u202e").intersection("".join(words))
    page.encode()
    return tokens


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_nothing_in_the_data_is_html(text):
    check_html(diff_html(report([text])))
    check_html(diff_html(report([text], everywhere=True)))


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_nothing_in_the_data_is_markdown(text):
    for everywhere, rows in ((False, 4), (True, 5)):
        tokens = check_markdown(diff_markdown(report([text], everywhere=everywhere)))
        assert sum(token.type == "fence" for token in tokens) == 4
        assert sum(token.type == "tr_open" for token in tokens) == rows


@given(
    st.lists(
        st.text(st.sampled_from("`|\\<>&@![]()*_#\n\r -+~:x\x1b\u202e\ud800"), max_size=12), min_size=1, max_size=3
    )
)
def test_no_combination_of_signs_breaks_out(texts):
    check_html(diff_html(report(texts)))
    check_markdown(diff_markdown(report(texts)))


@given(st.text(st.sampled_from("`|\\ a"), max_size=10))
def test_a_code_span_reads_as_the_text(text):
    (inline,) = MarkdownIt("commonmark").parse(f"x {code(text)} y")[1:2]
    (span,) = (each for each in inline.children if each.type == "code_inline")
    assert span.content.strip() == text.replace("|", "\\x7c").strip()


@given(st.lists(st.text(st.sampled_from("`~ \n\ta-+"), max_size=10), max_size=5))
def test_no_line_closes_a_fence(lines):
    tokens = MarkdownIt("commonmark").parse("\n".join(fence(lines)))
    assert [token.type for token in tokens] == ["fence"]


def test_a_page_allows_its_own_style_and_nothing_else():
    page = diff_html(report(["x"]))
    assert "default-src 'none'; style-src 'sha256-" in page
    assert "unsafe" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_markdown_ends_where_a_comment_would():
    long = report(["word " * 200] * 30)
    page = diff_markdown(long)
    assert LONGEST // 2 < len(page) < 65_536
    assert page.rstrip().endswith("more records, for which there is no room here")


def test_the_verdict_comes_first_then_counts_then_fields_then_records():
    page = diff_markdown(report(["x"]))
    parts = ["minor change, 1.1.0 would follow", "#### Records", "#### Files", "#### Fields", "#### Changed records"]
    assert sorted(parts, key=page.index) == parts


def test_no_difference_is_said_in_a_word():
    nothing = DiffReport(
        "a@1.0.0",
        "a@work",
        Change(RecordCounts(unchanged=3)),
        None,
        ["nothing changed"],
        "",
        0,
        Breakdown(PartCounts()),
    )
    assert diff_markdown(nothing) == "### `a@1.0.0` → `a@work`\n\n**no difference**\n"
    assert "no difference" in diff_html(nothing)
