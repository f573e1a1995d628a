"""Searching the index: partial, without regard to case, names first, and safe whatever is typed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsv.adapters.index import DatasetRow, Filter, Index, Order, Page, Shown, Told, VersionRow
from dsv.adapters.index.searching import MAXIMUM_WORDS, search_words
from dsv.errors import UsageError
from dsv.model.version import Version


def row(dataset, text, **changes):
    values = {
        "type": "sft",
        "format": "jsonl",
        "created_at": "2026-01-01T00:00:00Z",
        "created_by": "Ana",
        "summary": "",
        "tags": (),
        "description": "",
        "records": 1,
        "files": 1,
        "bytes": 1,
        "level": "major",
        "tree_digest": "sha256:" + "0" * 64,
        "status": "active",
        "git_tag": None,
        "told": Told(commit="0" * 40),
        **changes,
    }
    return VersionRow(dataset=dataset, version=Version.parse(text), **values)


DATASETS = [
    DatasetRow("retail", "sft", "jsonl", "data/retail", "Shops of all kinds", ("ana@example.com",)),
    DatasetRow("retail-leases", "sft", "jsonl", "data/retail-leases"),
    DatasetRow("offices", "sft", "csv", "data/offices", "Where people work", tags=("retail",)),
    DatasetRow("homes", "sft", "jsonl", "data/homes", "Flats and houses"),
    DatasetRow("gone", "sft", "jsonl", "data/gone", "Retail of old", status="archived"),
]
VERSIONS = [
    row("retail", "1.0.0"),
    row("retail", "1.10.0", summary="Fixed dates in 50 records"),
    row("retail", "1.9.0", status="yanked"),
    row("retail-leases", "1.0.0", metadata_text="source: SEC filings", field_names=("doc_id", "straße")),
    row("offices", "1.0.0", summary="A retail corner was added, 100% checked_by_hand"),
    row("homes", "1.0.0", summary="No Retail here; Ämter, Straße, ΣΊΣΥΦΟΣ, 租赁合同 and 🏠🦜", tags=("Zürich",)),
    row("homes", "2.0.0", summary="Removed", status="removed"),
    row("homes", "3.0.0", summary="Only on a branch", known=False),
    row("gone", "1.0.0"),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    with Index(str(tmp_path_factory.mktemp("search") / "index.db")) as opened:
        opened.replace("s", datasets=DATASETS, versions=VERSIONS)
        yield opened


def found(index, text, **options):
    return [f"{hit.dataset}@{hit.version}" for hit in index.search(text, **options).rows]


def test_a_name_weighs_more_than_tags_and_tags_more_than_texts(index):
    hits = index.search("retail").rows
    assert [f"{hit.dataset}@{hit.version}" for hit in hits] == [
        "retail@1.10.0",
        "retail@1.9.0",
        "retail@1.0.0",
        "retail-leases@1.0.0",
        "offices@1.0.0",
        "homes@1.0.0",
    ]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LEASES", ["retail-leases@1.0.0"]),
        ("tail-lea", ["retail-leases@1.0.0"]),
        ("filings sec", ["retail-leases@1.0.0"]),
        ("filings tickets", []),
        ("doc_id", ["retail-leases@1.0.0"]),
        ("docXid", []),
        ("100%", ["offices@1.0.0"]),
        ("checked%hand", []),
        ("ämter", ["homes@1.0.0"]),
        ("A\u0308MTER", ["homes@1.0.0"]),
        ("STRASSE", ["homes@1.0.0", "retail-leases@1.0.0"]),
        ("σίσυφος", ["homes@1.0.0"]),
        ("zürich", ["homes@1.0.0"]),
        ("租赁合同", ["homes@1.0.0"]),
        ("租赁", ["homes@1.0.0"]),
        ("租", ["homes@1.0.0"]),
        ("🦜", ["homes@1.0.0"]),
        ("🏠🦜", ["homes@1.0.0"]),
        ("50", ["retail@1.10.0"]),
        ("50 dates", ["retail@1.10.0"]),
        ('"dates in 50"', ["retail@1.10.0"]),
        ('"dates 50"', []),
        ("people", ["offices@1.0.0"]),
        ("ReTaIl CoRnEr", ["offices@1.0.0"]),
    ],
)
def test_every_word_is_found_as_a_part_in_any_case(index, text, expected):
    assert sorted(found(index, text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        '"',
        '""',
        "'",
        "' OR 1=1 --",
        '"retail',
        "retail AND",
        "NEAR(retail leases, 2)",
        "NOT retail",
        "name:retail",
        "^retail",
        "retail*",
        "*",
        "(((",
        ")",
        "%",
        "_",
        "\\",
        "{retail}",
        "-retail",
        "+retail",
        "retail\x00leases",
        "\x00",
        "\ud800",
        "\ud800\udc00 x",
        "a" * 100_000,
        "ab " * 10_000,
        "abc " * 10_000,
        " ".join(f"word{number}" for number in range(5_000)),
        '"' * 999,
        "\u202eretail",
        "é" * 500,
        "🦜" * 2_000,
    ],
)
def test_whatever_is_typed_is_words_and_never_syntax(index, text):
    result = index.search(text)
    assert result.total == len(result.rows)
    assert index.search("retail").total == 6


@given(st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_text_can_be_searched_for(index, text):
    assert index.search(text).total >= 0


@given(st.text(min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_what_is_stored_is_found_by_its_own_text(tmp_path_factory, text):
    with Index(str(tmp_path_factory.mktemp("own") / "index.db")) as opened:
        opened.replace("s", datasets=DATASETS[:1], versions=[row("retail", "1.0.0", summary=f"x{text}y")])
        quoted = text if '"' in text else f'"{text}"'
        assert opened.search(quoted).total == 1


def test_no_words_find_everything_that_fits(index):
    assert len(found(index, "")) == len(found(index, " \t\n ")) == 6
    assert found(index, "", where=Filter(format="csv")) == []
    assert found(index, "", where=Filter(tag="retail")) == ["offices@1.0.0"]
    assert {hit.score for hit in index.search("").rows} == {0}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Filter(), 6),
        (Filter(shown=Shown.LATEST), 4),
        (Filter(shown=Shown.ALL), 7),
        (Filter(status="archived"), 1),
        (Filter(status="yanked"), 1),
        (Filter(owner="ANA@"), 3),
        (Filter(type="other"), 0),
        (Filter(tag="retail"), 1),
        (Filter(tag="Zürich"), 1),
    ],
)
def test_a_search_is_narrowed_by_the_filters_of_lists(index, where, expected):
    assert index.search("retail", where=where).total == expected


def test_archived_removed_and_unmerged_versions_are_found_only_when_asked_for(index):
    assert found(index, "branch") == []
    assert found(index, "branch", where=Filter(shown=Shown.ALL)) == ["homes@3.0.0"]
    assert found(index, "removed", where=Filter(status="removed")) == ["homes@2.0.0"]


def test_a_search_is_cut_into_pages_with_a_total(index):
    pages = [index.search("retail", page=Page(limit=2, offset=offset)) for offset in (0, 2, 4, 6)]
    assert [page.total for page in pages] == [6, 6, 6, 6]
    together = [hit for page in pages for hit in page.rows]
    assert together == list(index.search("retail").rows)
    assert found(index, "retail", page=Page(sort="dataset", limit=1)) == ["homes@1.0.0"]
    newest = Page(sort="version", order=Order.DESCENDING, limit=1)
    assert found(index, "retail", page=newest) == ["retail@1.10.0"]
    with pytest.raises(UsageError, match="nothing to sort by"):
        index.search("retail", page=Page(sort="price"))


def test_a_snippet_shows_the_find_in_its_surroundings(index):
    assert str(index.search("DATES").rows[0].snippet) == "Fixed [dates] in 50 records"
    assert str(index.search("strasse").rows[0].snippet) == "No Retail here; Ämter, [Straße], ΣΊΣΥΦΟΣ, 租赁合同 and 🏠🦜"
    assert str(index.search("sec filings").rows[0].snippet) == "source: [SEC] [filings]"
    assert str(index.search("retail-leases").rows[0].snippet) == "source: SEC filings"


def test_a_long_text_is_cut_around_the_find(tmp_path):
    long = "before " * 40 + "needle" + " after" * 40
    with Index(str(tmp_path / "index.db")) as opened:
        opened.replace("s", datasets=DATASETS[:1], versions=[row("retail", "1.0.0", summary=long)])
        snippet = str(opened.search("needle").rows[0].snippet)
        assert snippet.startswith("...")
        assert snippet.endswith("...")
        assert "[needle]" in snippet
        assert len(snippet) < 100


def test_of_a_page_pasted_by_mistake_the_first_words_count():
    assert len(search_words(" ".join(f"w{number}" for number in range(100)))) == MAXIMUM_WORDS
    assert search_words('a "b  C" a') == ["a", "b c"]
