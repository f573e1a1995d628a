"""Reports of a pull request: what stands where, what is left out where there is no room, and that no text acts."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dsv.exports.review import ChangeReview, Content, DatasetReview, Kind, Numbering, Review, Verdict, without_content
from dsv.exports.review_html import review_html
from dsv.exports.review_markdown import LONGEST, MARK, review_markdown
from dsv.exports.room import Part, Shorter, fitted, length_of
from dsv.exports.shapes import bar, masses, shapes
from dsv.model.change import RecordCounts
from dsv.model.field_profile import FieldComparison, FieldProfile
from dsv.model.finding import Status
from dsv.model.version import Level
from dsv.records.changed_record import RecordPlace, changed_record
from tests.exports.pages import HOSTILE, check_texts
from tests.exports.reviews import LENGTHS, change_of, findings, review_of
from tests.exports.test_diff_reports import ATTRIBUTES, TAGS

OURS = re.compile(r"<!-- dsv check -->|<details( open)?><summary>[A-Za-z0-9, ]+</summary>\n?|</details>\n?")
OUR_TAGS = TAGS | {"details", "summary", "figure", "figcaption", "blockquote", "a", "i"}
DRAWN = {"svg", "rect", "line", "text", "title", "desc"}
OUR_ATTRIBUTES = ATTRIBUTES | {"id", "href", "open", "role", "aria-hidden"}
DRAWN_BY = {"x", "y", "x1", "x2", "y1", "y2", "width", "height", "rx", "text-anchor"}
WRITTEN = {"h3", "h4", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "strong", "em"}
WRITTEN |= {"details", "summary", "blockquote", "sub"}
EVERY = (Status.FAILED, Status.WARNING, Status.SKIPPED, Status.PASSED)


def hostile_review(text: str) -> Review:
    """The text wherever somebody else's may be."""
    return review_of(change_of(text), change_of(text, version="1.2.0"), text=text, statuses=EVERY, base=text)


def check_markdown(page: str) -> None:
    """Only our own words stand outside of code, and the only HTML is ours."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(page)
    words = []
    for token in tokens:
        assert token.type not in {"image", "hr"}
        if token.type == "html_block":
            assert all(OURS.fullmatch(line) for line in token.content.splitlines()), token.content
        for child in token.children or ():
            if child.type == "html_inline":
                assert child.content in {"<sub>", "</sub>"}
            else:
                assert child.type in {"text", "code_inline", "strong_open", "strong_close", "em_open", "em_close"}
            words.append(child.content if child.type == "text" else "")
        assert token.type != "fence" or token.info == "diff"
    assert not set("`<>@[]|\\*_~#$&\x1b\x00\u202e").intersection("".join(words))
    page.encode()


def check_html(page: str) -> None:
    """The page has our tags and attributes only, and leads nowhere but to its own parts."""
    found = check_texts(page)
    assert found.tags <= OUR_TAGS | DRAWN
    assert found.attributes <= OUR_ATTRIBUTES | DRAWN_BY
    assert {each.removeprefix("#") for each in found.links} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_text_of_others_is_markdown_or_html(text: str) -> None:
    for review in (hostile_review(text), without_content(hostile_review(text))):
        check_markdown(review_markdown(review))
        check_html(review_html(review))


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_github_s_own_reader_finds_no_link_and_no_mention(text: str) -> None:
    cmark = pytest.importorskip("cmarkgfm")
    options = pytest.importorskip("cmarkgfm.cmark").Options
    for review in (hostile_review(text), review_of(change_of(text), base=text)):
        page = cmark.github_flavored_markdown_to_html(review_markdown(review), options.CMARK_OPT_UNSAFE)
        assert set(re.findall(r"<([a-z][a-z0-9]*)", page)) <= WRITTEN
        plain = re.sub(r"<(pre|code)\b.*?</\1>", "", page, flags=re.DOTALL)
        assert not set("@#`").intersection(re.sub(r"<[^>]*>", "", plain))


@settings(max_examples=15)
@given(st.text(st.sampled_from("`|\\<>&@![]()*_#\n\r -+~:x\x1b\u202e\ud800"), min_size=1, max_size=12))
def test_no_combination_of_signs_breaks_out(text: str) -> None:
    review = review_of(change_of(text), text=text, statuses=EVERY[:2], base=text)
    check_markdown(review_markdown(review))
    check_html(review_html(review))


def test_the_verdict_is_first_and_lineage_last() -> None:
    review = review_of(change_of("word"), statuses=(Status.PASSED,))
    parts = ["The checks pass", "minor", "field word removed", "3 changed records", "Lengths", "Quality"]
    ends = ["Checks", "Lineage"]
    markdown = review_markdown(review)
    assert markdown.startswith(MARK)
    places = [markdown.index(part) for part in [*parts, *ends]]
    assert places == sorted(places)
    html = review_html(review)
    body = html[html.index("<body>") :]
    places = [body.index(part) for part in [*parts[:4], "Labels and lengths", "Quality", *ends]]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("review", "verdict", "said"),
    [
        (review_of(change_of("x"), statuses=EVERY), Verdict.FAILED, "1 check fails: `a@1.1.0` minor"),
        (
            review_of(replace(change_of("x"), kind=Kind.UNRELEASED, follows="1.2.0", new="a@work")),
            Verdict.UNRELEASED,
            "Data changed without a release: `a` (1.2.0 would follow)",
        ),
        (
            review_of(change_of("x"), statuses=(Status.WARNING,)),
            Verdict.WARNED,
            "The checks pass, with 1 warning: `a@1.1.0` minor",
        ),
        (review_of(change_of("x")), Verdict.PASSED, "The checks pass: `a@1.1.0` minor"),
        (review_of(), Verdict.PASSED, "The checks pass: `a@1.0.0` score, `a@1.0.0` yank"),
        (Review("main", "1" * 40, "2" * 40, [], findings()), Verdict.NOTHING, "Nothing here changes a dataset"),
    ],
    ids=lambda value: value.value if isinstance(value, Verdict) else "",
)
def test_the_first_line_says_what_there_is_to_do(review: Review, verdict: Verdict, said: str) -> None:
    assert review.verdict is verdict
    heading = review_markdown(review).splitlines()[1]
    assert heading.startswith("### ")
    assert heading.endswith(said)
    assert said.split(":", maxsplit=1)[0] in review_html(review)


def test_what_fails_stands_below_the_verdict_with_its_place() -> None:
    page = review_markdown(review_of(change_of("x"), statuses=EVERY, text="the sum is wrong"))
    assert "- `C999 made_up` `manifests/a/1.1.0.yaml:3`: `the sum is wrong`" in page.split("\n\n")[1]


def test_a_lower_level_and_a_waiver_are_told_with_their_reasons() -> None:
    page = review_markdown(review_of(change_of("because")))
    assert "A minor release, lower than the major one that the policy balanced asks for:" in page
    assert "A lower level was allowed: `because`" in page
    assert "Waived: `because`, because `because`" in page


def canaries() -> ChangeReview:
    """A change in which each value of the data is a word by itself."""
    change = change_of("word")
    place = RecordPlace("secretfile.jsonl", 1, "train")
    record = changed_record(
        "modified", key=["secretkey"], old={"f": "secretold"}, new={"f": "secretnew"}, before=place, after=place
    )
    labels = [FieldProfile("kind", 10, labels=((each, 4), ("secretother", 6))) for each in ("secretham", "secretspam")]
    rents = [FieldProfile("rent", 10, values=(first, *LENGTHS[1:-1], 987_654_321)) for first in (0, 1)]
    statistics = [FieldComparison(field, *sides, 10, 10) for field, sides in (("kind", labels), ("rent", rents))]
    return replace(change, examples=[record], statistics=statistics)


def test_without_content_nothing_of_the_data_is_told() -> None:
    shown = review_of(canaries())
    facets = {"scorer": "judge", "summary": {"mean": 0.5, "facets": {"kind": {"secretham": {"n": 1}}}}}
    (dataset,) = shown.datasets
    events = [replace(each, data=facets) for each in dataset.events]
    shown = replace(shown, datasets=[replace(dataset, events=events)])
    bare = without_content(shown)
    for pages in ((review_markdown(shown), review_html(shown)), (review_markdown(bare), review_html(bare))):
        withheld = pages[0] == review_markdown(bare)
        for page in pages:
            assert ("secret" in page, "987,654,321" in page) == (not withheld, not withheld)
            assert ("Data is withheld" in page) == withheld
    assert "secret" not in str([each.document() for each in bare.datasets])
    assert "`value 1` | 6 | 60.0 % " in review_markdown(bare)
    assert bare.content is Content.WITHHELD


def test_a_comment_has_room_for_what_matters_most() -> None:
    texts = ["\U0001f600 long words " * 60, "`|`" * 200]
    changes = [change_of(texts[at % 2], version=f"1.{at}.0", examples=10) for at in range(60, 0, -1)]
    page = review_markdown(review_of(*changes, text=texts[0], statuses=EVERY * 100))
    assert LONGEST * 0.8 < length_of(page) <= LONGEST
    assert "100 checks fail" in page.splitlines()[1]
    assert "There was no room in a comment for all of this: " in page
    assert "lengths (40 of them)" in page.splitlines()[-1]
    assert "`a@1.0.0` → `a@1.60.0`" in page
    check_markdown(page)


def test_a_little_too_much_costs_only_what_matters_least() -> None:
    review = review_of(change_of("word"))
    whole = review_markdown(review)
    less = review_markdown(review, longest=length_of(whole) + 1_999)
    lost = less.splitlines()[-1]
    assert lost.startswith("> There was no room in a comment for all of this: checks that passed.")
    assert "#### Lineage" in less


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.text(max_size=50), st.lists(st.tuples(st.integers(0, 5), st.text(max_size=30)), max_size=3)),
        max_size=8,
    ),
    st.integers(0, 300),
)
def test_parts_fit_where_they_can(parts: list[tuple[str, list[tuple[int, str]]]], room: int) -> None:
    made = [Part(text, text, [Shorter(*each) for each in sorted(shorter)]) for text, shorter in parts]
    texts, lost = fitted(made, room=room)
    assert len(texts) == len(made)
    least = sum(min(map(length_of, [part.text, *(each.text for each in part.shorter)])) for part in made)
    assert sum(map(length_of, texts)) <= max(room, least)
    assert bool(lost) <= (sum(length_of(part.text) for part in made) > room)


def test_a_first_version_has_no_before() -> None:
    statistics = [FieldComparison("kind", None, FieldProfile("kind", 10, labels=(("ham", 10),)), 0, 10)]
    first = ChangeReview(
        Kind.FIRST,
        "a",
        old="",
        new="a@1.0.0",
        numbering=Numbering(Level.MAJOR, Level.MAJOR, ("first version",)),
        records=RecordCounts(added=10),
        statistics=statistics,
    )
    review = Review("main", "1" * 40, "2" * 40, [DatasetReview("a", [first])], findings(Status.PASSED))
    page = review_markdown(review)
    assert "| `a` | **`1.0.0`** | new | 10 |  |" in page
    assert "| `kind` | records | share |  |" in page
    assert "before" not in page
    body = review_html(review).partition("<body>")[2]
    assert "before" not in body


def test_versions_that_nobody_looked_at_are_counted() -> None:
    review = review_of(change_of("x"), replace(change_of("x", version="1.2.0"), looked_at=False))
    said = "There are many versions: of 1 the manifests are shown and no records."
    assert said in review_markdown(review)
    assert said in review_html(review)


def test_a_bar_shows_the_least_and_ends_at_its_width() -> None:
    assert [bar(share, width=2) for share in (0, 0.001, 0.5, 1, 7)] == ["", "▏", "█", "██", "██"]


def test_a_shape_is_what_the_quantiles_say() -> None:
    # 5 to 25 % lie in the first half of the way, 25 to 95 % in the second.
    numbers = (0, 10, 60, 70, 80, 110, 500)
    assert masses(numbers, low=10, high=110, count=2) == pytest.approx([0.2 * 0.8 + 0.04, 0.7], abs=0.05)
    first, second = shapes([numbers, numbers], width=10)
    assert first == second
    assert len(first) == 10


def test_few_numbers_have_no_shape_and_huge_ones_break_nothing() -> None:
    assert shapes([(0, 0, 1, 2, 3, 4, 4)], width=16) == []
    huge = FieldProfile("f", 10, values=(0, 1, 2, 3, 4, 5, 10**400))
    review = review_of(replace(change_of("x"), statistics=[FieldComparison("f", None, huge, 0, 10)]))
    assert "Lengths" not in review_markdown(review)
    assert "<svg" not in review_html(review)
