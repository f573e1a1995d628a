"""The number of the next version: from the base, the level of the change, and what was asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.errors import BadVersionError, ExistsError, LevelTooLowError, UsageError
from dsv.model.numbering import NumberRequest, base_for, first_number, next_number
from dsv.model.policy import Verdict
from dsv.model.version import Level, Version

MAJOR, MINOR, PATCH = Level.MAJOR, Level.MINOR, Level.PATCH
LEVELS = st.sampled_from(list(Level))


def v(text: str) -> Version:
    return Version.parse(text)


def versions(*texts: str) -> list[Version]:
    return [v(text) for text in texts]


def verdict(level: Level) -> Verdict:
    return Verdict(level, ("because",))


def number(
    base: str, computed: Level, request: NumberRequest | None = None, *, taken: tuple[str, ...] = ()
) -> tuple[str, Level]:
    found = next_number(v(base), verdict(computed), request or NumberRequest(), taken=versions(base, *taken))
    return str(found.version), found.level


def test_a_first_version_is_one() -> None:
    found = first_number(NumberRequest(), foreign=(), taken=())
    assert (str(found.version), found.level) == ("1.0.0", MAJOR)


@pytest.mark.parametrize(
    ("foreign", "expected"),
    [(["0.3.0"], "1.0.0"), (["1.0.0", "1.4.2"], "2.0.0"), (["2.0.0-rc.1"], "3.0.0"), (["9.0.0", "10.1.0"], "11.0.0")],
)
def test_a_first_version_starts_above_release_tags_that_are_there_already(foreign: list[str], expected: str) -> None:
    found = first_number(NumberRequest(), foreign=versions(*foreign), taken=())
    assert str(found.version) == expected


def test_a_first_version_may_be_named() -> None:
    assert str(first_number(NumberRequest(version=v("0.1.0")), foreign=(), taken=()).version) == "0.1.0"
    assert str(first_number(NumberRequest(pre="rc"), foreign=(), taken=()).version) == "1.0.0-rc.1"


def test_a_first_version_may_not_have_the_number_of_a_tag_that_is_there() -> None:
    with pytest.raises(ExistsError):
        first_number(NumberRequest(version=v("1.4.2")), foreign=versions("1.4.2"), taken=())


@pytest.mark.parametrize(("computed", "expected"), [(MAJOR, "2.0.0"), (MINOR, "1.5.0"), (PATCH, "1.4.3")])
def test_the_computed_level_makes_the_number(computed: Level, expected: str) -> None:
    assert number("1.4.2", computed) == (expected, computed)


@given(LEVELS, LEVELS)
def test_a_higher_level_is_allowed_and_a_lower_one_refused(computed: Level, asked: Level) -> None:
    request = NumberRequest(level=asked)
    if asked >= computed:
        assert number("1.4.2", computed, request) == (str(v("1.4.2").bump(asked)), asked)
        return
    with pytest.raises(LevelTooLowError) as refused:
        number("1.4.2", computed, request)
    assert refused.value.details == {"computed": computed.word, "asked": asked.word, "reasons": ["because"]}
    assert str(v("1.4.2").bump(computed)) in refused.value.hint


def test_a_lower_level_is_allowed_with_a_reason() -> None:
    request = NumberRequest(level=PATCH, allow_lower="the retyped field was never read")
    assert number("1.4.2", MAJOR, request) == ("1.4.3", PATCH)


@pytest.mark.parametrize(
    ("asked", "computed", "level"),
    [("1.4.3", PATCH, PATCH), ("1.4.9", PATCH, PATCH), ("1.6.0", MINOR, MINOR), ("3.0.0", PATCH, MAJOR)],
)
def test_a_named_version_has_the_level_of_its_step(asked: str, computed: Level, level: Level) -> None:
    assert number("1.4.2", computed, NumberRequest(version=v(asked))) == (asked, level)


@pytest.mark.parametrize(("asked", "computed"), [("1.4.3", MINOR), ("1.5.0", MAJOR), ("1.4.3-rc.1", MAJOR)])
def test_a_named_version_below_the_computed_level_is_refused(asked: str, computed: Level) -> None:
    with pytest.raises(LevelTooLowError):
        number("1.4.2", computed, NumberRequest(version=v(asked)))


def test_a_number_that_is_taken_is_refused_with_the_next_free_ones() -> None:
    with pytest.raises(ExistsError) as refused:
        number("1.0.0", MINOR, taken=("1.1.0", "2.0.0"))
    assert "1.1.0 exists already" in refused.value.message
    assert all(free in refused.value.hint for free in ("1.0.1", "1.2.0", "3.0.0"))


def test_pre_releases_count_up_towards_one_number() -> None:
    request = NumberRequest(pre="rc")
    assert number("1.0.0", MINOR, request) == ("1.1.0-rc.1", MINOR)
    assert number("1.0.0", MINOR, request, taken=("1.1.0-rc.1", "1.1.0-rc.2")) == ("1.1.0-rc.3", MINOR)
    assert number("1.0.0", MINOR, request, taken=("1.1.0-rc.9", "1.1.0-rc.10")) == ("1.1.0-rc.11", MINOR)
    assert number("1.0.0", MAJOR, request, taken=("1.1.0-rc.1",)) == ("2.0.0-rc.1", MAJOR)
    assert number("1.0.0", MINOR, NumberRequest(pre="beta"), taken=("1.1.0-rc.1",)) == ("1.1.0-beta.1", MINOR)


def test_the_final_version_follows_its_pre_releases() -> None:
    assert number("1.0.0", MINOR, taken=("1.1.0-rc.1", "1.1.0-rc.2")) == ("1.1.0", MINOR)


def test_a_pre_release_of_another_form_does_not_disturb_the_count() -> None:
    taken = ("1.1.0-rc", "1.1.0-rc.x", "1.1.0-rc.2.5")
    assert number("1.0.0", MINOR, NumberRequest(pre="rc"), taken=taken) == ("1.1.0-rc.3", MINOR)


@pytest.mark.parametrize("label", ["1", "rc.1", "r c", "rç", "rc+1", "-", "--"])
def test_a_pre_release_label_is_a_word(label: str) -> None:
    with pytest.raises((UsageError, BadVersionError)):
        number("1.0.0", MINOR, NumberRequest(pre=label))


def test_the_base_is_the_highest_release() -> None:
    assert base_for(NumberRequest(), versions("1.0.0", "1.10.0", "1.9.0")) == v("1.10.0")
    assert base_for(NumberRequest(), []) is None


def test_a_version_named_below_the_highest_continues_its_own_line() -> None:
    known = versions("1.0.0", "1.0.1", "2.0.0")
    assert base_for(NumberRequest(version=v("1.0.2")), known) == v("1.0.1")
    assert base_for(NumberRequest(version=v("1.1.0")), known) == v("1.0.1")
    assert base_for(NumberRequest(version=v("2.0.0-rc.1")), known) == v("1.0.1")
    assert base_for(NumberRequest(version=v("3.0.0")), known) == v("2.0.0")


def test_a_version_named_below_the_first_is_refused() -> None:
    with pytest.raises(ExistsError, match=r"0\.9\.0 lies below 1\.0\.0"):
        base_for(NumberRequest(version=v("0.9.0")), versions("1.0.0", "2.0.0"))


def test_the_first_version_named_again_is_said_to_exist() -> None:
    with pytest.raises(ExistsError, match=r"1\.0\.0 exists already"):
        base_for(NumberRequest(version=v("1.0.0")), versions("1.0.0", "2.0.0"))
