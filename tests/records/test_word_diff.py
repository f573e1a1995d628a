"""Two texts as one with the words marked that differ: readable, of bounded length, and in bounded time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.records.alignment import align
from dsv.records.word_diff import CONTEXT, MOST_CHANGES, Mark, word_diff, words_of

FORMS = {Mark.SAME: "{}", Mark.REMOVED: "[-{}-]", Mark.ADDED: "{{+{}+}}", Mark.OMITTED: "<{}>"}


def shown(old, new):
    return "".join(FORMS[each.mark].format(each.text) for each in word_diff(old, new))


def test_whole_words_are_marked():
    assert shown("Rent is due monthly.", "Rent is payable monthly.") == "Rent is [-due-]{+payable+} monthly."
    assert (
        shown("on 2024-01-05, at 9:30", "on 2024-02-05, at 9:45")
        == "on [-2024-01-05-]{+2024-02-05+}, at [-9:30-]{+9:45+}"
    )
    assert shown("3.5 m", "3.75 m") == "[-3.5-]{+3.75+} m"
    assert shown("renewal", "renewals") == "[-renewal-]{+renewals+}"


def test_a_word_that_came_is_marked_with_the_space_behind_it():
    assert shown("Keep a copy.", "Keep a signed copy.") == "Keep a {+signed +}copy."
    assert shown("each calendar month", "each month") == "each [-calendar -]month"


def test_changes_with_no_more_than_a_sign_between_them_read_as_one():
    assert shown("due January 5, 2024.", "due February 6, 2024.") == "due [-January 5-]{+February 6+}, 2024."


def test_texts_with_little_in_common_are_replaced_as_a_whole():
    assert shown("a cat sat on a mat", "every bird of a feather") == "[-a cat sat on a mat-]{+every bird of a feather+}"


def test_an_empty_text_has_no_side():
    assert shown("", "new") == "{+new+}"
    assert shown("old", "") == "[-old-]"
    assert shown("same", "same") == "same"


def test_a_letter_and_its_accent_stay_together():
    assert words_of("cafe\u0301s are") == ["cafe\u0301s", " ", "are"]
    assert shown("cafe\u0301 noir", "cafe noir") == "[-cafe\u0301-]{+cafe+} noir"


def test_scripts_without_spaces_are_marked_by_character():
    assert shown("東京都は大きい", "東京は大きい") == "東京[-都-]は大きい"


def test_what_did_not_change_is_left_out_away_from_the_changes():
    far = "word " * 100
    said = shown(f"{far}one {far}two {far}", f"{far}1 {far}2 {far}")
    assert said.count("<…>") == 3
    assert "[-one-]{+1+}" in said
    assert "[-two-]{+2+}" in said
    assert len(said) < 6 * CONTEXT


def test_long_changes_are_cut_and_many_are_counted():
    said = shown("x" * 10_000, "y")
    assert "9,600 characters" in said
    assert len(said) < 600
    old = " ".join(f"stays the same here {number}" for number in range(40))
    new = " ".join(f"stays the same here {number}x" for number in range(40))
    assert shown(old, new).endswith(f"<… {40 - MOST_CHANGES} more changes>")


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a " * 500_000, "b " * 500_000),
        (". " * 500_000, "! " * 500_000),
        ("x" * 1_000_000, "x" * 500_000 + "y" + "x" * 400_000),
        ("日本" * 300_000, "本日" * 300_000),
        (" ".join(map(str, range(150_000))), " ".join(map(str, range(150_000, 0, -1)))),
    ],
    ids=["words", "sentences", "one word", "unspaced", "reversed"],
)
def test_a_megabyte_is_no_endless_work(old, new):
    assert sum(len(each.text) for each in word_diff(old, new)) < 20_000


def test_the_first_changes_of_many_in_a_megabyte_are_found_word_by_word():
    old = [f"w{number}" for number in range(150_000)]
    new = [f"{word}!" if number % 50 == 25 else word for number, word in enumerate(old)]
    assert "w25{+!+} w26" in shown(" ".join(old), " ".join(new))


TEXTS = st.text(st.sampled_from("ab .\né\u0301東"), max_size=40)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_from_the_segments(old, new):
    segments = word_diff(old, new)
    if any(each.mark is Mark.OMITTED for each in segments):
        return
    assert "".join(each.text for each in segments if each.mark is not Mark.ADDED) == old
    assert "".join(each.text for each in segments if each.mark is not Mark.REMOVED) == new
    assert all(each.text for each in segments)


SEQUENCES = st.lists(st.integers(0, 3), max_size=12)


@given(SEQUENCES, SEQUENCES, st.integers(0, 40) | st.just(200_000))
def test_an_alignment_covers_both_sequences_and_is_the_shortest(old, new, steps):
    old_at = new_at = kept = 0
    for each in align(old, new, steps=steps):
        assert (each.old_start, each.new_start) == (old_at, new_at)
        old_at, new_at = each.old_end, each.new_end
        if each.same:
            assert old[each.old_start : old_at] == new[each.new_start : new_at]
            kept += old_at - each.old_start
    assert (old_at, new_at) == (len(old), len(new))
    assert kept <= longest_common(old, new)
    assert steps < 200_000 or kept == longest_common(old, new)


def longest_common(old, new):
    table = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for a, left in enumerate(old, 1):
        for b, right in enumerate(new, 1):
            table[a][b] = table[a - 1][b - 1] + 1 if left == right else max(table[a - 1][b], table[a][b - 1])
    return table[-1][-1]
