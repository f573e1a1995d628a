"""Two texts as one, with the words that went and the words that came marked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from dsv.records.alignment import STEPS, align

CONTEXT = 48
"""Characters that are kept of what did not change, before and after a change."""

LONGEST_CHANGE = 400
"""Characters that are kept of one run of removed or added text."""

MOST_CHANGES = 12
"""Changes in one text that are shown; the rest is counted."""

_CHUNKED_FROM = 2_000
_LEAST_STEPS = 2_000
_ALIKE = 0.25
_SHORT_BETWEEN = 4
_LONGEST_WORD = 60
_LOOKED_AROUND = 24

# Scripts that put no space between words are compared character by character.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
)
# A date, a time and a decimal number are one word each.
_TOKEN = re.compile(rf"[{_UNSPACED}]|[0-9]+(?:[-.,:/][0-9]+)+(?!\w)|[^\W{_UNSPACED}]+|\s+|.", re.DOTALL)
_STOPS = "\\n.!?\u3002\uff01\uff1f"
_CHUNK = re.compile(rf"[^{_STOPS}]*[{_STOPS}]+\s*|[^{_STOPS}]+")


class Mark(Enum):
    """What a piece of text is in the comparison."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    OMITTED = "omitted"


@dataclass(frozen=True)
class Segment:
    """A piece of text with its mark; of an omitted one, the text says what is not shown."""

    mark: Mark
    text: str


@dataclass(frozen=True)
class _Piece:
    """Text that is in both, where old and new are equal, or one in place of the other."""

    old: str
    new: str

    @property
    def same(self) -> bool:
        return self.old == self.new


def word_diff(old: str, new: str) -> tuple[Segment, ...]:
    """The texts as segments in reading order, what did not change abbreviated around the changes.

    The work is bounded for texts of any length: then whole sentences, or all of it, count as replaced.
    """
    start = _common_start(old, new)
    end = _common_end(old[start:], new[start:])
    pieces = _compared(old[start : len(old) - end], new[start : len(new) - end])
    same_before, same_after = old[:start], old[len(old) - end :]
    pieces = _readable([_Piece(same_before, same_before), *pieces, _Piece(same_after, same_after)])
    return tuple(_abbreviated(pieces))


def removed(text: str) -> tuple[Segment, ...]:
    """A text that went as a whole."""
    return tuple(_cut(Mark.REMOVED, text))


def added(text: str) -> tuple[Segment, ...]:
    """A text that came as a whole."""
    return tuple(_cut(Mark.ADDED, text))


def words_of(text: str) -> list[str]:
    """The text in pieces: words, runs of white space, single signs; joined they are the text."""
    tokens = _TOKEN.findall(text)
    if text.isascii():
        return tokens
    whole: list[str] = []
    for token in tokens:
        # A combining mark belongs to what it combines with, and so does what follows it inside a word.
        if whole and (_combines(token[0]) or (_combines(whole[-1][-1]) and token[0].isalnum())):
            whole[-1] += token
        else:
            whole.append(token)
    return whole


def _combines(character: str) -> bool:
    return character > "\u02ff" and unicodedata.category(character) in {"Mn", "Mc", "Me"}


def _compared(old: str, new: str) -> list[_Piece]:
    if not old or not new:
        return [_Piece(old, new)]
    before, after = words_of(old), words_of(new)
    if len(before) + len(after) <= _CHUNKED_FROM:
        return _aligned(before, after, steps=STEPS)
    chunks = _aligned(_CHUNK.findall(old), _CHUNK.findall(new), steps=STEPS)
    steps = max(STEPS // max(sum(not each.same for each in chunks), 1), _LEAST_STEPS)
    found: list[_Piece] = []
    for each in chunks:
        found += [each] if each.same else _aligned(words_of(each.old), words_of(each.new), steps=steps)
    return found


def _aligned(old: Sequence[str], new: Sequence[str], *, steps: int) -> list[_Piece]:
    return [
        _Piece("".join(old[each.old_start : each.old_end]), "".join(new[each.new_start : each.new_end]))
        for each in align(old, new, steps=steps)
    ]


def _readable(pieces: Iterable[_Piece]) -> list[_Piece]:
    """The pieces with little islands between two changes taken into them, so that a change reads as one."""
    joined: list[_Piece] = []
    for each in pieces:
        if not each.old and not each.new:
            continue
        if joined and joined[-1].same == each.same:
            joined[-1] = _both(joined[-1], each)
        else:
            joined.append(each)
        last = joined[-3:]
        if len(last) == 3 and not each.same and _is_island(*last):  # noqa: PLR2004 - what is between two
            joined[-3:] = [_both(*last)]
    return [_both(*joined)] if _are_unlike(joined) else _at_word_starts(joined)


def _at_word_starts(pieces: list[_Piece]) -> list[_Piece]:
    """The pieces with words that came or went marked together with the space behind them, not the one ahead."""
    for before, each, after in zip(range(len(pieces)), range(1, len(pieces)), range(2, len(pieces)), strict=False):
        alone = pieces[each].old or pieces[each].new
        space = alone[: len(alone) - len(alone.lstrip())]
        one_sided = not pieces[each].old or not pieces[each].new
        if not pieces[each].same and one_sided and space and pieces[after].old.startswith(space) and alone.strip():
            old, new = (f"{side[len(space) :]}{space}" if side else "" for side in (pieces[each].old, pieces[each].new))
            pieces[before] = _both(pieces[before], _Piece(space, space))
            pieces[each] = _Piece(old, new)
            rest = pieces[after].old[len(space) :]
            pieces[after] = _Piece(rest, rest)
    return [each for each in pieces if each.old or each.new]


def _are_unlike(pieces: Sequence[_Piece]) -> bool:
    """Whether, in as much as would be shown, so little is the same that one whole change is easier to read."""
    places = [number for number, each in enumerate(pieces) if not each.same][:MOST_CHANGES]
    shown = pieces[: places[-1] + 1] if len(places) == MOST_CHANGES else pieces
    total = max(sum(len(each.old) for each in shown), sum(len(each.new) for each in shown))
    return len(places) > 1 and sum(len(each.old) for each in shown if each.same) < _ALIKE * total


def _is_island(before: _Piece, between: _Piece, after: _Piece) -> bool:
    """Whether what did not change is no more than a sign, or a short word, between two larger changes."""
    text = between.old
    if "\n" in text or len(text) > _SHORT_BETWEEN + 2:
        return False
    if not any(character.isalnum() for character in text):
        return True
    letters = len(text.strip())
    return letters <= _SHORT_BETWEEN and all(
        letters <= max(len(each.old), len(each.new)) // 2 for each in (before, after)
    )


def _both(*pieces: _Piece) -> _Piece:
    return _Piece("".join(each.old for each in pieces), "".join(each.new for each in pieces))


def _abbreviated(pieces: Sequence[_Piece]) -> Iterable[Segment]:
    shown = 0
    changes = sum(not each.same for each in pieces)
    for number, each in enumerate(pieces):
        if each.same:
            yield from _context(each.old, first=number == 0, last=number == len(pieces) - 1)
            continue
        if shown == MOST_CHANGES:
            more = changes - shown
            yield Segment(Mark.OMITTED, f"… {more:,} more {'change' if more == 1 else 'changes'}")
            return
        shown += 1
        yield from _cut(Mark.REMOVED, each.old)
        yield from _cut(Mark.ADDED, each.new)


def _context(text: str, *, first: bool, last: bool) -> Iterable[Segment]:
    head = "" if first and not last else _start_of(text)
    tail = "" if last else _end_of(text)
    if len(head) + len(tail) >= len(text) or (not first and not last and len(text) <= 2 * CONTEXT + 1):
        yield Segment(Mark.SAME, text)
        return
    if head:
        yield Segment(Mark.SAME, head)
    yield Segment(Mark.OMITTED, "…")
    if tail:
        yield Segment(Mark.SAME, tail)


def _start_of(text: str) -> str:
    """The first words of a text."""
    if len(text) <= CONTEXT:
        return text
    cut = text[:CONTEXT]
    at = max(cut.rfind(" "), cut.rfind("\n"))
    return cut[:at] if at > CONTEXT // 2 else cut


def _end_of(text: str) -> str:
    """The last words of a text."""
    if len(text) <= CONTEXT:
        return text
    cut = text[-CONTEXT:]
    spaces = [at for at in (cut.find(" "), cut.find("\n")) if 0 <= at < CONTEXT // 2]
    return cut[min(spaces) + 1 :] if spaces else cut


def _cut(mark: Mark, text: str) -> Iterable[Segment]:
    """A run of removed or added text, its middle left out where it is long."""
    if len(text) > LONGEST_CHANGE + CONTEXT:
        left_out = len(text) - LONGEST_CHANGE
        text = f"{text[: LONGEST_CHANGE - CONTEXT]} … {left_out:,} characters … {text[-CONTEXT:]}"
    if text:
        yield Segment(mark, text)


def _common_start(old: str, new: str) -> int:
    """The length of the common start, back to where its last word begins."""
    same = _longest(lambda length: old[:length] == new[:length], min(len(old), len(new)))
    if same == len(old) == len(new):
        return same
    start = same
    while start > 0 and same - start < _LONGEST_WORD and any(_inside_a_word(text, start) for text in (old, new)):
        start -= 1
    return start if same - start < _LONGEST_WORD else same


def _common_end(old: str, new: str) -> int:
    """The length of the common end, on to where its first word ends."""
    same = _longest(lambda length: not length or old[-length:] == new[-length:], min(len(old), len(new)))
    end = same
    while end > 0 and same - end < _LONGEST_WORD and any(_inside_a_word(text, len(text) - end) for text in (old, new)):
        end -= 1
    return end if same - end < _LONGEST_WORD else same


def _inside_a_word(text: str, at: int) -> bool:
    """Whether a word goes on from before this place to behind it."""
    if not 0 < at < len(text):
        return False
    first = max(at - _LOOKED_AROUND, 0)
    end = first
    for word in words_of(text[first : at + _LOOKED_AROUND]):
        end += len(word)
        if end >= at:
            break
    return end != at


def _longest(agrees: Callable[[int], bool], limit: int) -> int:
    """The greatest length up to the limit that agrees, found by halving: comparing slices is fast."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if agrees(middle):
            low = middle
        else:
            high = middle - 1
    return low
