"""Versions: the specification's own lists, and the order it prescribes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.errors import BadVersionError
from dsv.model.version import MAXIMUM_LENGTH, Level, Version


def words(text):
    return text.split()


# https://semver.org, "Is there a suggested regular expression": the lists behind https://regex101.com/r/Ly7O1x/3/
VALID = words("""
0.0.4 1.2.3 10.20.30 1.1.2-prerelease 1.0.0-alpha 1.0.0-beta 1.0.0-alpha.beta 1.0.0-alpha.beta.1 1.0.0-alpha.1
1.0.0-alpha0.valid 1.0.0-alpha.0valid 1.0.0-alpha-a.b-c-somethinglong 1.0.0-rc.1 2.0.0-rc.1 1.2.3-beta
10.2.3-DEV-SNAPSHOT 1.2.3-SNAPSHOT-123 1.0.0 2.0.0 1.1.7 1.0.0-0A.is.legal 1.2.3----RC-SNAPSHOT.12.9.1--.12
99999999999999999999999.999999999999999999.99999999999999999 1.2.3----R-S.12.9.1--.12 2.0.1-alpha.1227 1.0.0-0 0.0.0
""")

WITH_BUILD_METADATA = words("""
1.1.2-prerelease+meta 1.1.2+meta 1.1.2+meta-valid 1.0.0-rc.1+build.1 2.0.0-rc.1+build.123
2.0.0+build.1848 1.2.3----RC-SNAPSHOT.12.9.1--.12+788 1.0.0+0.build.1-rc.10000aaa-kk-0.1
1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay 1.0.0-alpha+beta 1.2.3----R-S.12.9.1--.12+meta
""")

INVALID = words("""
1 1.2 1.2.3-0123 1.2.3-0123.0123 1.1.2+.123 +invalid -invalid -invalid+invalid -invalid.01 alpha alpha.beta
alpha.beta.1 alpha.1 alpha+beta alpha_beta alpha. alpha.. beta 1.0.0-alpha_beta -alpha. 1.0.0-alpha.. 1.0.0-alpha..1
1.0.0-alpha...1 1.0.0-alpha....1 1.0.0-alpha.....1 1.0.0-alpha......1 1.0.0-alpha.......1
01.1.1 1.01.1 1.1.01 1.2.3.DEV 1.2-SNAPSHOT
1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788 1.2-RC-SNAPSHOT -1.0.3-gamma+b7718 +justmeta 9.8.7+meta+meta
9.8.7-whatever+meta+meta
99999999999999999999999.999999999999999999.99999999999999999----RC-SNAPSHOT.12.09.1--------------------------------..12
1.2.3-01 01.2.3 v1.2.3 =1.2.3 1.2.3- 1.2.3-. 1..3 1.2.3.4 1.2.x ^1.2.3
""")

UNPRINTABLE = [
    "",
    " 1.2.3",
    "1.2.3 ",
    "1.2.3\n",
    "1.2.3\x00",
    "1. 2.3",
    "１.２.３",  # noqa: RUF001 - full-width digits are the point
    "1.2.٣",
    "1.2.3-rc.é",
    "1.2.3-\ud800",
]

# https://semver.org/#spec-item-11
PRECEDENCE = [
    ["1.0.0", "2.0.0", "2.1.0", "2.1.1"],
    ["1.0.0-alpha", "1.0.0"],
    [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
    ],
    ["1.9.0", "1.10.0", "1.11.0"],
    ["1.0.0-2", "1.0.0-10", "1.0.0--", "1.0.0-10a", "1.0.0-A", "1.0.0-a", "1.0.0-a-b", "1.0.0-ab"],
]

numbers = st.integers(min_value=0, max_value=10**30)
identifiers = st.one_of(numbers.map(str), st.from_regex(r"[0-9]{0,2}[A-Za-z-][0-9A-Za-z-]{0,3}", fullmatch=True))
prereleases = st.one_of(st.just(""), st.lists(identifiers, min_size=1, max_size=4).map(".".join))
versions = st.builds(Version, numbers, numbers, numbers, prereleases)


@pytest.mark.parametrize("text", VALID)
def test_what_the_specification_calls_valid_is_taken(text):
    assert str(Version.parse(text)) == text


@pytest.mark.parametrize("text", [*INVALID, *UNPRINTABLE])
def test_what_the_specification_calls_invalid_is_refused(text):
    with pytest.raises(BadVersionError) as refusal:
        Version.parse(text)
    assert refusal.value.message.isprintable()
    assert refusal.value.hint


@pytest.mark.parametrize("text", WITH_BUILD_METADATA)
def test_build_metadata_is_refused_by_its_name(text):
    with pytest.raises(BadVersionError, match="build metadata"):
        Version.parse(text)


def test_a_version_may_be_long_but_not_endless():
    longest = "1.0.0-" + "a" * (MAXIMUM_LENGTH - 6)
    assert str(Version.parse(longest)) == longest
    for text in (longest + "a", "9" * 5000 + ".0.0"):
        with pytest.raises(BadVersionError, match="characters"):
            Version.parse(text)


@pytest.mark.parametrize("ordered", PRECEDENCE)
def test_the_order_is_the_specifications(ordered):
    for lower, higher in itertools.combinations(map(Version.parse, ordered), 2):
        assert lower < higher
        assert not higher <= lower
    assert [str(version) for version in sorted(map(Version.parse, ordered[::-1]))] == ordered


@given(versions)
def test_a_version_reads_back_from_its_text(version):
    assert Version.parse(str(version)) == version


@given(versions, versions)
def test_of_two_versions_one_is_lower_or_they_are_equal(left, right):
    assert (left < right) + (left == right) + (left > right) == 1


@given(versions, st.sampled_from(Level))
def test_a_bump_is_higher_and_of_its_level(version, level):
    bumped = version.bump(level)
    assert bumped > version
    assert bumped.level_above(version) is level
    assert not bumped.prerelease


def test_a_bump_starts_the_lower_numbers_again():
    base = Version.parse("1.2.3")
    assert [str(base.bump(level)) for level in Level] == ["1.2.4", "1.3.0", "2.0.0"]


@pytest.mark.parametrize("word", ["", "MAJOR", "Minor", "patches", "?", "1"])
def test_only_the_three_words_are_levels(word):
    assert [Level.parse(level.word) for level in Level] == list(Level)
    with pytest.raises(ValueError, match="major, minor or patch"):
        Level.parse(word)
