"""`dsv search`: what comes first, what is offered where nothing fits, and any text at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import dsv
from tests.finding.test_filters import hits

if TYPE_CHECKING:
    from tests.conftest import Scratch


def test_names_come_before_tags_and_tags_before_text(many: Scratch) -> None:
    scores = [each.score for each in dsv.open(str(many.root)).search("retail").results]
    assert scores == sorted(scores, reverse=True)
    assert set(hits(many, "retail customer_data")) < set(hits(many, "retail"))


def test_who_finds_nothing_is_offered_what_looks_alike(few: Scratch) -> None:
    assert few.json("search", "tennants")["did_you_mean"][0] == "tenants"
    assert few.json("search", "retial", "leeses")["did_you_mean"][0] == "retail leases"
    assert few.json("search", "tenants", "filings")["did_you_mean"] == ["tenants", "filings"]
    assert few.json("search", "tenants", "--type", "filings") == {"results": [], "total": 0}
    assert few.json("search", "0xdeadbeef") == {"results": [], "total": 0}
    assert few.json("list", "--type", "Lease_Abstraction")["did_you_mean"] == ["--type lease_abstraction"]
    assert few.json("log", "--stage", "prd")["did_you_mean"] == ["--stage prod"]
    assert few.dsv("list", "--tag", "custmer_data").stdout == "no datasets; did you mean --tag customer_data?\n"
    assert few.dsv("search", "tennants").stdout.startswith("nothing found; did you mean tenants")


HOSTILE = [
    '"', "''", "%", "_", "*", "NEAR", "NEAR(a b)", "a AND", ") OR 1=1 --", "🏠", "é", "x", "租赁", "租", "\x00",
    "a\x00b", "\ud800", "\u202e", "\x1b[31m", "-", "--", "^name", "name:x", "{a}", "\\", "\n", " ",
    "'; DROP TABLE datasets; --",
    '" OR "', '"a" NOT "b"', "a" * 1_000_000, "ab " * 300_000, '"' * 1_000_000, "🦜" * 250_000,
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE, ids=lambda query: ascii(query[:12]))
def test_any_text_is_a_query_and_offers_are_safe_too(few: Scratch, query: str) -> None:
    result = dsv.open(str(few.root)).search(query)
    assert result.total == len(result.results)
    json.dumps(result.document()).encode()


def test_what_fits_is_in_colour_on_a_terminal_and_in_brackets_elsewhere(few: Scratch) -> None:
    plain = few.dsv("search", "tenants", "removed").stdout.splitlines()[1]
    assert plain.endswith("Names of [tenants] [removed]")
    coloured = few.dsv("search", "tenants", "removed", "--color", "always").stdout.splitlines()[1]
    assert coloured.count("\x1b[33m\x1b[1m") == 2
    assert "[tenants]" not in coloured
    assert "Names of \x1b[33m\x1b[1mtenants\x1b[0m" in coloured
