"""References, the versions they choose, and npm's documented ranges."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.errors import NoVersionError, UsageError
from dsv.model.name import is_name
from dsv.model.ranges import Range
from dsv.model.reference import (
    AsOf,
    Candidate,
    Digest,
    Exact,
    GitRevision,
    Latest,
    Ref,
    Stage,
    Work,
    choose,
    parse_reference,
)
from dsv.model.version import Version

TREE = "0123456789abcdef" * 4


def words(text):
    return text.split()


def version(text):
    return Version.parse(text)


# text, canonical text, value
FORMS = [
    ("leases", "leases", Ref("leases", Latest())),
    ("leases@latest", "leases", Ref("leases", Latest())),
    ("leases@1.2.0", "leases@1.2.0", Ref("leases", Exact(version("1.2.0")))),
    ("leases@v1.2.0", "leases@1.2.0", Ref("leases", Exact(version("1.2.0")))),
    ("leases@=1.2.0", "leases@1.2.0", Ref("leases", Exact(version("1.2.0")))),
    ("leases@2.0.0-rc.1", "leases@2.0.0-rc.1", Ref("leases", Exact(version("2.0.0-rc.1")))),
    ("leases@^1.2", "leases@^1.2", Ref("leases", Range.parse("^1.2"))),
    ("leases@~1.2.3", "leases@~1.2.3", Ref("leases", Range.parse("~1.2.3"))),
    ("leases@1.x", "leases@1", Ref("leases", Range.parse("1.x"))),
    ("leases@>=1.0,<2", "leases@>=1.0,<2", Ref("leases", Range.parse(">=1.0 <2"))),
    ("leases@1.0..2.0", "leases@1.0..2.0", Ref("leases", Range.parse("1.0..2.0"))),
    ("leases@x", "leases@x", Ref("leases", Range.parse("*"))),
    ("leases@v1", "leases@1", Ref("leases", Range.parse("1"))),
    ("leases@prod", "leases@prod", Ref("leases", Stage("prod"))),
    ("leases#prod", "leases@prod", Ref("leases", Stage("prod"))),
    ("leases@#prod", "leases@prod", Ref("leases", Stage("prod"))),
    ("leases#v1", "leases#v1", Ref("leases", Stage("v1"))),
    ("leases@2026-01-31", "leases@2026-01-31", Ref("leases", AsOf(date(2026, 1, 31)))),
    ("leases@sha256:0123abcd", "leases@sha256:0123abcd", Ref("leases", Digest("0123abcd"))),
    ("leases@sha256:0123ABCD", "leases@sha256:0123abcd", Ref("leases", Digest("0123abcd"))),
    (f"leases@sha256:{TREE}", f"leases@sha256:{TREE}", Ref("leases", Digest(TREE))),
    ("leases@work", "leases@work", Ref("leases", Work())),
    ("leases@git:main", "leases@git:main", Ref("leases", GitRevision("main"))),
    ("leases@git:HEAD@{1}~2", "leases@git:HEAD@{1}~2", Ref("leases", GitRevision("HEAD@{1}~2"))),
    ("sub/dir:leases", "sub/dir:leases", Ref("leases", Latest(), "sub/dir")),
    ("./sub:leases@1.x", "sub:leases@1", Ref("leases", Range.parse("1"), "sub")),
    (
        "sub/dir:leases@sha256:0123abcd",
        "sub/dir:leases@sha256:0123abcd",
        Ref("leases", Digest("0123abcd"), "sub/dir"),
    ),
    ("./git:leases", "./git:leases", Ref("leases", Latest(), "git")),
]

MALFORMED = words("""
@ # @1.0.0 #prod 1.0.0 ^1.2 work latest leases@ leases# leases@@1.0.0 leases@1.0.0@prod leases#1.0.0 leases#latest
leases@01.2.3 leases@1.2.3-01 leases@1.2.3+build leases@^1.2.3+build leases@>=1.0,,<2 leases@,1.0 leases@.. leases@1...2
leases@1.x.3 leases@>x.2 leases@1.2.3.4 leases@^ leases@>= leases@=> leases@-1 leases@1.0-2.0 leases@prod_ leases@_x
leases@Latest leases@sha256: leases@sha256:0123abc leases@sha256:0123abcg leases@md5:0123abcd sha256:0123abcd git:main
leases@git: leases@git:--output=/tmp/x leases@2026-02-30 leases@2026-1-31 leases@0000-01-01 data/leases leases/ ./leases
../up:leases /abs:leases sub//dir:leases sub/:leases :leases a:b:leases sub/dir: con 9leases leases- le.ases
""")

STRANGE = [
    "",
    " ",
    " leases",
    "leases ",
    "leases@1.0.0\n",
    "leases@\t1",
    "lea\x00ses",
    "leases@\x1b[31m",
    "leases@１.0.0",  # noqa: RUF001 - a full-width digit is the point
    "leases@\ud800",
    "läses",
    "leases@" + "9" * 5000,
    "a" * 101,
]


@pytest.mark.parametrize(("text", "canonical", "value"), FORMS)
def test_every_form_is_read_and_written_in_one_spelling(text, canonical, value):
    assert parse_reference(text) == value
    assert str(value) == canonical
    assert parse_reference(canonical) == value


@pytest.mark.parametrize("text", [*MALFORMED, *STRANGE])
def test_what_is_no_form_is_malformed(text):
    with pytest.raises(UsageError) as refusal:
        parse_reference(text)
    assert refusal.value.code == 2
    assert refusal.value.message.isprintable()
    assert refusal.value.hint


def test_a_malformed_reference_is_named_in_the_message():
    with pytest.raises(UsageError, match=r"'leases@01\.2\.3' is not a reference"):
        parse_reference("leases@01.2.3")
    with pytest.raises(UsageError) as refusal:
        parse_reference("leases@1.0.0+exp.sha")
    assert "build metadata" in refusal.value.hint
    with pytest.raises(UsageError) as refusal:
        parse_reference("sha256:0123abcd")
    assert refusal.value.hint == "sha256:0123abcd names no dataset: write NAME@sha256:0123abcd"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.1.0", "leases@1.1.0"),
        ("@1.1.0", "leases@1.1.0"),
        ("work", "leases@work"),
        ("latest", "leases"),
        ("^1.2", "leases@^1.2"),
        (">=1.0 <2", "leases@>=1.0,<2"),
        ("1.0..2.0", "leases@1.0..2.0"),
        ("2026-01-31", "leases@2026-01-31"),
        ("sha256:0123abcd", "leases@sha256:0123abcd"),
        ("git:main", "leases@git:main"),
        ("git:HEAD@{1}", "leases@git:HEAD@{1}"),
        ("@prod", "leases@prod"),
        ("#prod", "leases@prod"),
        ("tickets", "tickets"),
        ("prod", "prod"),
        ("v1", "v1"),
        ("tickets@2.0.0", "tickets@2.0.0"),
        ("sub:tickets", "sub:tickets"),
    ],
)
def test_the_second_of_two_references_may_leave_out_its_name(text, expected):
    assert str(parse_reference(text, default_dataset="leases")) == expected


def test_a_name_left_out_stands_for_the_whole_subject():
    first = parse_reference("sub/dir:leases@1.0.0")
    assert str(parse_reference("1.1.0", default_dataset=first.subject)) == "sub/dir:leases@1.1.0"


@pytest.mark.parametrize("text", ["", "@", "1.0.0@prod", "a b", "^", "@@1"])
def test_a_name_left_out_excuses_nothing_else(text):
    with pytest.raises(UsageError):
        parse_reference(text, default_dataset="leases")


names = st.from_regex(r"[A-Za-z]([A-Za-z0-9_-]{0,5}[A-Za-z0-9])?", fullmatch=True).filter(is_name)
bounds = st.sampled_from(["1", "1.2", "1.2.3", "0.1.2-rc.1", "x", "1.x", "2.*"])
alternatives = st.one_of(
    st.lists(
        st.builds(str.__add__, st.sampled_from(["", "=", "<", "<=", ">", ">= ", "~", "^", "~>"]), bounds),
        min_size=1,
        max_size=3,
    ).map(" ".join),
    st.builds("{} - {}".format, bounds, bounds),
    st.builds("{}..{}".format, bounds, bounds),
    bounds.map("{}..".format),
)
ranges = st.lists(alternatives, min_size=1, max_size=3).map(" || ".join).map(Range.parse)
releases = st.builds(Version, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
selectors = st.one_of(
    st.just(Latest()),
    st.just(Work()),
    releases.map(Exact),
    ranges.filter(lambda value: not isinstance(parse_reference(f"leases@{value}").selector, Exact)),
    names.map(Stage),
    st.dates().map(AsOf),
    st.text("0123456789abcdef", min_size=8, max_size=64).map(Digest),
    st.sampled_from(["main", "HEAD~1", "v1^{commit}", "HEAD@{yesterday}"]).map(GitRevision),
)
prefixes = st.sampled_from(["", "sub", "sub/dir", "git", "sha256", "a/b/c"])


@given(st.builds(Ref, names, selectors, prefixes))
def test_a_reference_reads_back_from_its_text(reference):
    assert parse_reference(str(reference)) == reference


@given(st.text())
def test_any_text_is_a_reference_or_malformed(text):
    try:
        reference = parse_reference(text)
    except UsageError:
        return
    assert parse_reference(str(reference)) == reference


# https://github.com/npm/node-semver#ranges: a range, versions in it, versions out of it
NPM = [
    (">=1.2.7", "1.2.7 1.2.8 2.5.3 1.3.9", "1.2.6 1.1.0"),
    (">=1.2.7 <1.3.0", "1.2.7 1.2.8 1.2.99", "1.2.6 1.3.0 1.1.0"),
    ("1.2.7 || >=1.2.9 <2.0.0", "1.2.7 1.2.9 1.4.6", "1.2.8 2.0.0"),
    (">1.2.3-alpha.3", "1.2.3-alpha.7 3.4.5 1.2.3", "3.4.5-alpha.9 1.2.3-alpha.3"),
    ("1.2.3 - 2.3.4", "1.2.3 2.3.4 2.0.0", "1.2.2 2.3.5"),
    ("1.2 - 2.3.4", "1.2.0 2.3.4", "1.1.9 2.3.5"),
    ("1.2.3 - 2.3", "1.2.3 2.3.99", "2.4.0 2.4.0-0"),
    ("1.2.3 - 2", "1.2.3 2.99.0", "3.0.0"),
    ("*", "0.0.0 1.2.3 99.0.0", "1.0.0-rc.1"),
    ("1.x", "1.0.0 1.99.0", "0.9.9 2.0.0"),
    ("1.2.x", "1.2.0 1.2.99", "1.1.0 1.3.0"),
    ("1", "1.0.0 1.9.9", "2.0.0 0.9.9"),
    ("1.2", "1.2.0 1.2.9", "1.3.0 1.1.9"),
    ("~1.2.3", "1.2.3 1.2.99", "1.2.2 1.3.0"),
    ("~1.2", "1.2.0 1.2.99", "1.1.9 1.3.0"),
    ("~1", "1.0.0 1.99.0", "0.9.9 2.0.0"),
    ("~0.2.3", "0.2.3 0.2.9", "0.2.2 0.3.0"),
    ("~0.2", "0.2.0 0.2.9", "0.1.9 0.3.0"),
    ("~0", "0.0.0 0.9.9", "1.0.0"),
    ("~1.2.3-beta.2", "1.2.3-beta.2 1.2.3-beta.4 1.2.3 1.2.4", "1.2.4-beta.2 1.2.3-beta.1 1.3.0"),
    ("^1.2.3", "1.2.3 1.99.0", "1.2.2 2.0.0 2.0.0-alpha"),
    ("^0.2.3", "0.2.3 0.2.9", "0.2.2 0.3.0"),
    ("^0.0.3", "0.0.3", "0.0.2 0.0.4"),
    ("^1.2.3-beta.2", "1.2.3-beta.2 1.2.3-beta.4 1.9.0", "1.2.4-beta.2 2.0.0"),
    ("^0.0.3-beta", "0.0.3-beta 0.0.3-pr.2 0.0.3", "0.0.4 0.0.3-alpha"),
    ("^1.2.x", "1.2.0 1.99.0", "1.1.9 2.0.0"),
    ("^0.0.x", "0.0.0 0.0.9", "0.1.0"),
    ("^0.0", "0.0.0 0.0.9", "0.1.0"),
    ("^1.x", "1.0.0 1.9.9", "2.0.0"),
    ("^0.x", "0.0.0 0.9.9", "1.0.0"),
    # from npm's own tests
    ("||", "1.3.4", "1.3.4-rc.1"),
    ("~> 1", "1.2.3", "2.2.3"),
    (">1.2", "1.3.0", "1.2.8 1.3.0-beta"),
    ("<=0.7.x", "0.7.2 0.6.2", "0.8.0 0.8.0-rc.1"),
    ("<1.2", "1.1.1", "1.2.0 1.2.0-rc.1"),
    (">=*", "0.2.4", ""),
    (">x", "", "0.0.0 9.9.9"),
    ("=0.7.x", "0.7.2", "0.7.0-asdf 0.8.2"),
    ("~v0.5.4-pre", "0.5.5 0.5.4", "0.5.4-alpha"),
    ("^1.2 ^1", "1.4.2", "1.1.0"),
    ("x - 1.x", "0.9.7 1.9.9", "2.0.0"),
    ("^1.0.0", "1.0.1", "2.0.0-rc1"),
    # dsv's own two additions
    (">=1.0,<2", "1.0.0 1.9.9", "0.9.9 2.0.0"),
    ("1.0..2.0", "1.0.0 1.9.9", "0.9.9 2.0.0 2.0.0-rc.1"),
    ("1.0..", "1.0.0 7.0.0", "0.9.9"),
    ("..2.0", "0.0.1 1.9.9", "2.0.0"),
    ("2.0..1.0", "", "1.0.0 1.5.0 2.0.0"),
    ("2.0.0-rc.1..2.0.0", "2.0.0-rc.1 2.0.0-rc.2", "2.0.0 1.9.9"),
    # a star beside another alternative takes nothing away from it
    ("* || 2.0.0-rc.1", "1.0.0 2.0.0-rc.1", "2.0.0-rc.2"),
]


@pytest.mark.parametrize(("text", "inside", "outside"), NPM)
def test_ranges_follow_npms_documentation(text, inside, outside):
    parsed = Range.parse(text)
    assert [each for each in inside.split() if not parsed.admits(version(each))] == []
    assert [each for each in outside.split() if parsed.admits(version(each))] == []
    assert Range.parse(str(parsed)) == parsed


@given(ranges, releases)
def test_every_alternative_of_a_range_counts(parsed, release):
    apart = [Range.parse(part).admits(release) for part in str(parsed).split("||")]
    assert parsed.admits(release) is any(apart)


def candidate(text, *, day="2026-01-15", tree="f" * 64, **kwargs):
    return Candidate(version(text), f"{day}T12:00:00Z", f"sha256:{tree}", **kwargs)


LEASES = [
    candidate("1.0.0", day="2026-01-10", tree="a1" * 32),
    candidate("1.1.0", day="2026-01-31", tree="a2" * 32),
    candidate("1.10.0", day="2026-02-01", tree="b1" * 32),
    candidate("1.9.0", day="2026-02-02", tree="b2" * 32),
    candidate("2.0.0", day="2026-02-03", tree="c1" * 32, yanked=True),
    candidate("2.1.0", day="2026-02-04", tree="c2" * 32, removed=True),
    candidate("2.2.0-rc.1", day="2026-02-05", tree="d1" * 32),
]


def chosen(text, candidates=LEASES):
    return str(choose(parse_reference(f"leases@{text}"), candidates).version)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("latest", "1.10.0"),
        ("1.1.0", "1.1.0"),
        ("2.0.0", "2.0.0"),
        ("2.1.0", "2.1.0"),
        ("2.2.0-rc.1", "2.2.0-rc.1"),
        ("1.x", "1.10.0"),
        ("~1.9", "1.9.0"),
        (">=2.2.0-rc.1", "2.2.0-rc.1"),
        ("x", "1.10.0"),
        ("2026-01-31", "1.1.0"),
        ("2026-02-01", "1.10.0"),
        ("2026-12-31", "1.10.0"),
        ("9999-12-31", "1.10.0"),
        ("sha256:" + "a1" * 4, "1.0.0"),
        ("sha256:" + "c1" * 32, "2.0.0"),
    ],
)
def test_a_selector_chooses_one_version(selector, expected):
    assert chosen(selector) == expected
    assert chosen(selector, LEASES[::-1]) == expected


def test_an_older_line_released_later_is_not_the_latest():
    later = [*LEASES[:2], candidate("3.0.0", day="2026-01-01"), candidate("1.1.1", day="2026-09-01")]
    assert chosen("latest", later) == "3.0.0"


def test_a_digest_that_several_versions_share_is_the_latest_of_them():
    same = [candidate("1.0.0"), candidate("1.2.0"), candidate("1.3.0-rc.1"), candidate("1.4.0", yanked=True)]
    assert chosen("sha256:ffffffff", same) == "1.2.0"


def test_a_digest_prefix_that_fits_different_data_is_ambiguous():
    near = [candidate("1.0.0", tree="ab" * 4 + "0" * 56), candidate("1.1.0", tree="ab" * 4 + "1" * 56)]
    with pytest.raises(NoVersionError) as refusal:
        chosen("sha256:abababab", near)
    assert refusal.value.code == 10
    assert refusal.value.details["candidates"] == ["1.0.0", "1.1.0"]
    assert "more digits" in refusal.value.hint
    assert chosen("sha256:abababab1", near) == "1.1.0"


@pytest.mark.parametrize(
    "selector", ["9.9.9", "^3", "2.0.x", "2026-01-09", "sha256:00000000", "prod", "work", "git:main"]
)
def test_what_is_not_found_offers_what_is_there(selector):
    with pytest.raises(NoVersionError) as refusal:
        chosen(selector)
    assert refusal.value.code == 10
    assert refusal.value.details["candidates"] == ["1.0.0", "1.1.0", "1.9.0", "1.10.0", "2.2.0-rc.1"]
    assert refusal.value.hint == "leases has 1.0.0, 1.1.0, 1.9.0, 1.10.0, 2.2.0-rc.1"


def test_of_many_versions_the_nearest_are_offered():
    many = [candidate(f"1.{minor}.0") for minor in range(30)]
    with pytest.raises(NoVersionError) as refusal:
        chosen("1.10.1", many)
    assert refusal.value.hint == "leases has 1.9.0, 1.10.0, 1.11.0, 1.12.0, 1.13.0 and 25 more"
    with pytest.raises(NoVersionError) as refusal:
        chosen("^7", many)
    assert refusal.value.hint == "leases has 1.25.0, 1.26.0, 1.27.0, 1.28.0, 1.29.0 and 25 more"


def test_a_dataset_of_withdrawn_versions_has_no_latest():
    with pytest.raises(NoVersionError, match="leases has no release") as refusal:
        chosen("latest", [candidate("1.0.0", yanked=True)])
    assert refusal.value.hint == "only withdrawn versions are there; name one exactly: leases@1.0.0"
    with pytest.raises(NoVersionError) as refusal:
        chosen("latest", [])
    assert "no versions" in refusal.value.hint
