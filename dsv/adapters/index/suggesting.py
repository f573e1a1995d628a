"""What somebody may have meant who found nothing: words, names and labels that are there and look alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

SUGGESTIONS = 3
_LIKENESS = 0.6
_CLOSER_LOOK = 200
"""How many terms are compared letter by letter: those that share most pairs of letters with what was typed."""
_WORDS = re.compile(r"[^\W_]{2,}|\w{3,}")


def nearest(text: str, terms: Iterable[str]) -> list[str]:
    """The terms most like the folded text: those spelled nearly so, then those that hold it or that it holds."""
    import difflib

    known = sorted({term for term in terms if len(term) > 1 and term != text})
    holding = [
        term for term in known if (text in term and len(text) > 1) or (term in text and 2 * len(term) >= len(text))
    ]
    pairs = _pairs(text)
    alike = sorted(
        (term for term in known if len(text) <= 2 * len(term) <= 4 * len(text)),
        key=lambda term: (-len(pairs & _pairs(term)), abs(len(term) - len(text)), term),
    )
    close = difflib.get_close_matches(text, alike[:_CLOSER_LOOK], n=SUGGESTIONS, cutoff=_LIKENESS)
    by_length = sorted(holding, key=lambda term: (abs(len(term) - len(text)), term))
    return list(dict.fromkeys([*close, *by_length]))[:SUGGESTIONS]


def terms_in(texts: Iterable[str]) -> set[str]:
    """The words of folded texts."""
    return {word for text in texts for word in _WORDS.findall(text)}


def queries(words: Sequence[str], alike: Sequence[Sequence[str]]) -> list[str]:
    """Queries near to these words: each word that has others like it replaced by one of these, the best ones first.

    `alike` has for each word those to take for it, none where it may stay.
    """
    most = max(map(len, alike), default=0)
    found = []
    for rank in range(most):
        pairs = zip(words, alike, strict=True)
        chosen = [others[min(rank, len(others) - 1)] if others else word for word, others in pairs]
        found.append(" ".join(f'"{word}"' if " " in word else word for word in chosen))
    return list(dict.fromkeys(found))


def _pairs(text: str) -> set[str]:
    framed = f" {text} "
    return {framed[at : at + 2] for at in range(len(framed) - 1)}
