"""Sources: what a version was made from, in whose repository, and in what relation."""

from __future__ import annotations

import pytest

from dsv.errors import UsageError
from dsv.model.git_address import GitAddress
from dsv.model.source import parse_located, parse_source, parse_sources


@pytest.mark.parametrize(
    ("text", "reference", "relation"),
    [
        ("raw", "raw", "derive"),
        ("raw:filter", "raw", "filter"),
        ("raw@2.0.0", "raw@2.0.0", "derive"),
        ("raw@2.0.0:filter", "raw@2.0.0", "filter"),
        ("raw#prod:judge_filter", "raw@prod", "judge_filter"),
        ("sub/dir:raw", "sub/dir:raw", "derive"),
        ("sub/dir:raw:merge", "sub/dir:raw", "merge"),
        ("sub:raw:merge", "sub:raw", "merge"),
        ("./sub:raw", "sub:raw", "derive"),
        ("sub:raw@1.0.0", "sub:raw@1.0.0", "derive"),
        ("sub/dir:raw@1.0.0:merge", "sub/dir:raw@1.0.0", "merge"),
        ("raw@sha256:0123abcd", "raw@sha256:0123abcd", "derive"),
        ("raw@sha256:0123abcd:augment", "raw@sha256:0123abcd", "augment"),
        ("sub/dir:raw@sha256:0123abcd:augment", "sub/dir:raw@sha256:0123abcd", "augment"),
        ("raw@git:main", "raw@git:main", "derive"),
        ("raw@git:main:filter", "raw@git:main", "filter"),
        ("raw@git:HEAD^{/fix: dates}", "raw@git:HEAD^{/fix: dates}", "derive"),
        ("raw@git:HEAD^{/fix: dates}:filter", "raw@git:HEAD^{/fix: dates}", "filter"),
        ("raw@>=1.0,<2:filter", "raw@>=1.0,<2", "filter"),
    ],
)
def test_a_source_is_a_reference_and_a_relation(text, reference, relation):
    parsed = parse_source(text)
    assert (str(parsed.located), parsed.relation) == (reference, relation)
    assert parse_source(str(parsed)) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "::raw@1.0.0",
        "raw@1.0.0:Filter",
        "raw:",
        ":filter",
        "raw@1.0.0:",
        "raw@1.0.0:two words",
        "raw@1.0.0:9",
        "raw@md5:x:filter",
    ],
)
def test_a_source_without_a_proper_relation_is_malformed(text):
    with pytest.raises(UsageError):
        parse_source(text)


def test_the_relation_previous_is_not_for_people():
    with pytest.raises(UsageError) as refusal:
        parse_source("raw@1.0.0:previous")
    assert "written by dsv itself" in refusal.value.hint


@pytest.mark.parametrize(
    ("text", "repository", "reference", "relation"),
    [
        (
            "https://example.com/acme/raw.git::raw@2.0.0:filter",
            "https://example.com/acme/raw.git",
            "raw@2.0.0",
            "filter",
        ),
        ("git@example.com:acme/raw.git::raw", "git@example.com:acme/raw.git", "raw", "derive"),
        ("ssh://git@[::1]:2222/raw::sub/dir:raw@~1.2:mix", "ssh://git@[::1]:2222/raw", "sub/dir:raw@~1.2", "mix"),
        ("../raw::raw#prod", "../raw", "raw@prod", "derive"),
        ("raw-data::raw@sha256:0123abcd:dedupe", "raw-data", "raw@sha256:0123abcd", "dedupe"),
        ("/data/a::b::raw:filter", "/data/a::b", "raw", "filter"),
        ("raw@git:HEAD^{/fix::dates}:filter", "", "raw@git:HEAD^{/fix::dates}", "filter"),
        ("raw@git::/fix", "", "raw@git::/fix", "derive"),
    ],
)
def test_a_source_may_be_in_another_repository(text, repository, reference, relation):
    parsed = parse_source(text)
    found = parsed.located
    assert (found.repository, str(found.reference), parsed.relation) == (repository, reference, relation)
    assert parse_source(str(parsed)) == parsed
    assert parse_located(str(parsed.located)) == parsed.located


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("--upload-pack=touch x::raw", "option"),
        ("ext::sh -c true::raw", "program"),
        ("https://ana:secret@example.com/raw::raw", "password"),
        ("https://example.com/raw?token=abc::raw", "password"),
        ("javascript://x/raw::raw", "none of"),
        (" ::raw", "reference"),
    ],
)
def test_what_git_should_not_be_given_is_refused(text, said):
    with pytest.raises(UsageError) as refusal:
        parse_source(text)
    assert said in refusal.value.message
    assert "ana:secret" not in f"{refusal.value.message}{refusal.value.details}"
    assert "abc" not in refusal.value.message


def test_a_token_is_not_recorded():
    def recorded(text):
        return GitAddress.parse(text).recorded

    assert recorded("https://ghp_0123@example.com/raw.git") == "https://example.com/raw.git"
    assert recorded("ssh://git@example.com/raw.git") == "ssh://git@example.com/raw.git"
    assert recorded("git@example.com:raw.git") == "git@example.com:raw.git"


def test_notes_are_for_all_sources_or_for_one_each():
    assert [each.note for each in parse_sources(["a", "b"], notes=["why"])] == ["why", "why"]
    assert [each.note for each in parse_sources(["a", "b"], notes=["one", "two"])] == ["one", "two"]
    assert [each.note for each in parse_sources(["a", "b"])] == ["", ""]
    for texts, notes in ((["a"], ["one", "two"]), ([], ["one"])):
        with pytest.raises(UsageError):
            parse_sources(texts, notes=notes)
