"""Texts that are much alike: found, and told from those that are not, the same everywhere."""

from __future__ import annotations

import random

from dsv.records.minhash import near_index, rows_of_band, signature, texts_of

WORDS = [f"word{number}" for number in range(2_000)]


def some_texts(count: int, *, seed: int = 1) -> list[str]:
    randomness = random.Random(seed)  # noqa: S311 - the same texts in every run
    return [" ".join(randomness.choices(WORDS, k=100)) for _ in range(count)]


def common(one: str, other: str) -> float:
    """The share of common shingles."""
    first, second = ({tuple(text.split()[at : at + 5]) for at in range(96)} for text in (one, other))
    return len(first & second) / len(first | second)


def test_copies_and_near_copies_are_found_and_others_are_not() -> None:
    texts = some_texts(300)
    asked = near_index((("a", row, [text]) for row, text in enumerate(texts, 1)), similarity=0.8).opened()
    assert asked.nearest(["id 7", texts[7].upper().replace(" ", "; ")]) == (1.0, "a", 8)
    assert [text for text in some_texts(300, seed=2) if asked.nearest([text])] == []
    found = missed = 0
    randomness = random.Random(3)  # noqa: S311 - the same texts in every run
    for row, text in enumerate(texts, 1):
        words = text.split()
        words[randomness.randrange(100)] = "another"
        changed = " ".join(words)
        if common(text, changed) >= 0.9:
            nearest = asked.nearest([changed])
            found += nearest is not None and nearest[1:] == ("a", row)
            missed += nearest is None
    assert found >= 200
    assert missed <= 2


def test_a_signature_estimates_the_share_of_common_shingles() -> None:
    errors = []
    for text in some_texts(100):
        words = text.split()
        words[50] = "another"
        one, other = signature([text]), signature([" ".join(words)])
        assert one is not None
        assert other is not None
        same = sum(a == b for a, b in zip(one, other, strict=True)) / len(one)
        errors.append(same - common(text, " ".join(words)))
    assert abs(sum(errors) / len(errors)) < 0.02
    assert max(map(abs, errors)) < 0.15


def test_a_signature_is_the_same_everywhere() -> None:
    found = signature(["The tenant shall pay the rent monthly, in advance."])
    assert found is not None
    assert found[:4].tolist() == SIGNATURE
    assert signature(["n1", "the  TENANT shall pay the rent monthly in advance"]) == found
    assert signature([" .,; "]) is None
    short = signature(["two words"])
    assert short is not None
    assert len(set(short)) == 1


SIGNATURE = [2211960040, 2211960040, 2427842065, 2427842065]


def test_the_text_of_a_record_is_all_that_is_in_it_or_one_field() -> None:
    record = {"b": ["x", {"d": "y", "c": 5}], "a": "z", "n": None}
    assert sorted(texts_of(record, field=None), reverse=True) == ["z", "y", "x"]
    assert texts_of(record, field="a") == ["z"]
    assert texts_of(record, field="q") == []
    assert texts_of("alone", field=None) == ["alone"]


def test_bands_find_what_is_asked_for() -> None:
    assert [rows_of_band(similarity) for similarity in (0.5, 0.8, 0.9, 1.0)] == [2, 4, 8, 128]
