"""What is known of the values of one field, taken by columns of a few hundred values, so that the loops run in C."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from dsv.records.canonical import Number
from dsv.records.sketch import (
    LARGEST_WHOLE,
    SMALLEST_WHOLE,
    BinCounter,
    Bins,
    DistinctCounter,
    finite,
    hashes_of,
    value_hash,
)

MOST_LABELS = 100
"""Values are counted one by one as long as a field has no more of them."""

LONGEST_LABEL = 64

_STRING, _INTEGER, _REAL, _BOOLEAN, _NULL, _ARRAY, _OBJECT = range(7)
_KINDS: dict[type, int] = {
    str: _STRING,
    int: _INTEGER,
    float: _REAL,
    Number: _REAL,
    bool: _BOOLEAN,
    type(None): _NULL,
    list: _ARRAY,
    dict: _OBJECT,
}
_WORDS = ("string", "number", "number", "boolean", "null", "array", "object")
_CUT = 32
_INT64, _DOUBLE = struct.Struct(">q"), struct.Struct(">d")
_BOOLEANS = {False: b"false", True: b"true"}


class FieldSketch(msgspec.Struct, array_like=True, frozen=True):
    """One field. Where there are labels, their values are in neither hashes nor bins.

    `kinds` is how many records carry it as string, integer, other number, boolean, null, array, object. `labels` are
    the strings of at most 64 characters, the integers of at most 64 bits and the booleans, by type and then value, each
    with its count; None where there are too many different ones.
    """

    name: str
    kinds: tuple[int, int, int, int, int, int, int]
    labels: tuple[tuple[str | int | bool, int], ...] | None
    hashes: bytes
    characters: Bins | None
    numbers: Bins | None
    elements: Bins | None

    def with_labels(self) -> FieldSketch:
        """The same with the labels' values counted in the bins too, which then say all there is."""
        column = Column()
        column.include(self)
        column.leave_labels()
        return column.finish(self.name)


class Column:
    """What is known of the values of one field."""

    __slots__ = ("_booleans", "_characters", "_distinct", "_elements", "_integers", "_numbers", "_strings", "kinds")

    def __init__(self) -> None:
        self.kinds = [0] * 7
        self._strings: Counter[str] | None = Counter()
        self._integers: Counter[int] = Counter()
        self._booleans: Counter[bool] = Counter()
        self._distinct = DistinctCounter()
        self._characters = BinCounter()
        self._numbers = BinCounter()
        self._elements = BinCounter()

    def add(self, values: Sequence[Any]) -> None:
        """Take values as `decode` returns them."""
        kinds = set(map(type, values))
        for kind in kinds:
            alike: Sequence[Any] = values if len(kinds) == 1 else [value for value in values if type(value) is kind]
            if kind not in _KINDS:
                self.add([plain(value) for value in alike])
                continue
            self.kinds[_KINDS[kind]] += len(alike)
            if kind is str:
                self._add_strings(alike)
            elif kind is int:
                self._add_integers(alike)
            elif kind is bool:
                self._add_booleans(alike)
            elif kind is list:
                self._elements.add_sizes(map(len, alike))
            elif kind is float:
                self._numbers.add_numbers(alike)
                self._distinct.add(list(map(_DOUBLE.pack, alike)), seed=_REAL)
            elif kind is Number:
                self._numbers.add_numbers(alike)
                self._distinct.add([number.text.encode() for number in alike], seed=_REAL)

    def _add_strings(self, texts: Sequence[str]) -> None:
        sizes = list(map(len, texts))
        largest = max(sizes)
        if self._strings is not None and min(sizes) <= LONGEST_LABEL:
            short = texts
            if largest > LONGEST_LABEL:
                short = [text for text in texts if len(text) <= LONGEST_LABEL]
                texts = [text for text in texts if len(text) > LONGEST_LABEL]
                sizes = list(map(len, texts))
            before = len(self._strings)
            self._strings.update(short)
            if len(self._strings) > before:
                self._check_labels()
            if largest <= LONGEST_LABEL:
                return
        self._characters.add_sizes(sizes)
        self._hash_strings(texts, sizes)

    def _hash_strings(self, texts: Sequence[str], sizes: Sequence[int]) -> None:
        if max(sizes) <= LONGEST_LABEL:
            self._distinct.add(_encoded(texts), seed=_STRING)
            return
        if min(sizes) <= LONGEST_LABEL:
            self._distinct.add(_encoded([text for text in texts if len(text) <= LONGEST_LABEL]), seed=_STRING)
            texts = [text for text in texts if len(text) > LONGEST_LABEL]
            sizes = list(map(len, texts))
        cut = [text[(half := size >> 1) : half + _CUT] for text, size in zip(texts, sizes, strict=True)]
        self._distinct.add_cut(_encoded(cut), sizes)

    def _add_integers(self, numbers: Sequence[int]) -> None:
        if self._strings is not None:
            before = len(self._integers)
            self._integers.update(numbers)
            if len(self._integers) > before:
                self._check_labels()
            return
        self._numbers.add_numbers(numbers)
        self._hash_integers(numbers)

    def _hash_integers(self, numbers: Iterable[int]) -> None:
        try:
            packed = list(map(_INT64.pack, numbers))
        except struct.error:
            packed = list(map(_integer_bytes, numbers))
        self._distinct.add(packed, seed=_INTEGER)

    def _add_booleans(self, values: Sequence[bool]) -> None:
        before = len(self._booleans)
        self._booleans.update(values)
        if len(self._booleans) > before:
            self._check_labels()

    def _check_labels(self) -> None:
        """Values that cannot be labels are taken as others are; and all of them once there are too many."""
        if self._strings is None:
            self._hash_booleans()
            return
        try:
            "".join(self._strings).encode()
        except UnicodeEncodeError:
            for text in [text for text in self._strings if not _is_whole(text)]:
                self._take_strings({text: self._strings.pop(text)})
        if self._integers and not SMALLEST_WHOLE <= min(self._integers) <= max(self._integers) <= LARGEST_WHOLE:
            for number in [each for each in self._integers if not SMALLEST_WHOLE <= each <= LARGEST_WHOLE]:
                count = self._integers.pop(number)
                self._numbers.add_numbers([number] * count)
                self._hash_integers([number])
        if len(self._strings) + len(self._integers) + len(self._booleans) > MOST_LABELS:
            self.leave_labels()

    def leave_labels(self) -> None:
        """From here on values are not counted one by one."""
        strings, integers = self._strings, self._integers
        self._strings, self._integers = None, Counter()
        if strings:
            self._take_strings(strings)
        if integers:
            self._numbers.add_counted(integers)
            self._hash_integers(integers)
        self._hash_booleans()

    def _take_strings(self, counts: Mapping[str, int]) -> None:
        sizes: Counter[int] = Counter()
        for text, count in counts.items():
            sizes[len(text)] += count
        self._characters.add_counted(sizes)
        self._hash_strings(list(counts), list(map(len, counts)))

    def _hash_booleans(self) -> None:
        self._distinct.add([_BOOLEANS[value] for value in self._booleans], seed=_BOOLEAN)

    def add_shortened(self, values: Sequence[Any]) -> None:
        """Take values as `shortened` returns them."""
        kinds = set(map(type, values))
        if not kinds & {list, tuple}:
            self.add(values)
            return
        plain = [value for value in values if type(value) not in (list, tuple)]
        if plain:
            self.add(plain)
        cut = [value for value in values if type(value) in (list, tuple)]
        sizes = [size for kind, size, *_ in cut if kind == _ARRAY]
        if sizes:
            self._elements.add_sizes(sizes)
        lengths = [size for kind, size, *_ in cut if kind == _STRING]
        if lengths:
            self._characters.add_sizes(lengths)
        numbers = [number for kind, number, *_ in cut if kind in (_INTEGER, _REAL) and number is not None]
        if numbers:
            self._numbers.add_numbers(numbers)
        self._distinct.add_hashes([value for _, _, *hashes in cut for value in hashes])
        for kind, count in Counter([kind for kind, *_ in cut]).items():
            self.kinds[kind] += count

    def include(self, field: FieldSketch) -> None:
        """Take the values of a field's profile."""
        self.kinds = [one + other for one, other in zip(self.kinds, field.kinds, strict=True)]
        self._distinct.add_hashes(hashes_of(field.hashes))
        for counter, bins in (
            (self._characters, field.characters),
            (self._numbers, field.numbers),
            (self._elements, field.elements),
        ):
            if bins is not None:
                counter.include(bins)
        if field.labels is None:
            if self._strings is not None:
                self.leave_labels()
            return
        self._include_labels(field.labels)

    def _include_labels(self, labels: Iterable[tuple[str | int | bool, int]]) -> None:
        strings: Counter[str] = Counter()
        integers: Counter[int] = Counter()
        for value, count in labels:
            if type(value) is str:
                strings[value] += count
            elif type(value) is int:
                integers[value] += count
            else:
                self._booleans[bool(value)] += count
        if self._strings is None:
            if strings:
                self._take_strings(strings)
            self._numbers.add_counted(integers)
            self._hash_integers(integers)
        else:
            self._strings.update(strings)
            self._integers.update(integers)
        self._check_labels()

    def finish(self, name: str) -> FieldSketch:
        """The profile of the field."""
        labels = None
        if self._strings is not None:
            counted: list[Counter[Any]] = [self._strings, self._integers, self._booleans]
            labels = tuple([pair for counts in counted for pair in sorted(counts.items())])
        return FieldSketch(
            name,
            tuple(self.kinds),  # type: ignore[arg-type]
            labels,
            self._distinct.finish(),
            self._characters.finish(),
            self._numbers.finish(),
            self._elements.finish(),
        )


def _is_whole(text: str) -> bool:
    """Whether UTF-8 can carry the text, which it cannot with a lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _encoded(texts: Sequence[str]) -> list[bytes]:
    try:
        return list(map(str.encode, texts))
    except UnicodeEncodeError:
        return [text.encode("utf-8", "surrogatepass") for text in texts]


def _integer_bytes(number: int) -> bytes:
    if SMALLEST_WHOLE <= number <= LARGEST_WHOLE:
        return _INT64.pack(number)
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


def count_kinds(values: Iterable[Any], *, into: list[int]) -> None:
    """Count values by kind, as `FieldSketch.kinds` does, and look at nothing else of them."""
    for kind, count in Counter(map(type, values)).items():
        into[_kind_of(kind)] += count


def kind_words(kinds: Sequence[int]) -> dict[str, int]:
    """How many values are of each JSON type, of those that occur."""
    counts: Counter[str] = Counter()
    for word, count in zip(_WORDS, kinds, strict=True):
        counts[word] += count
    return {word: count for word, count in counts.items() if count}


def plain(value: Any) -> Any:
    """A value of a subclass, such as a format of another package may yield, as one of its JSON type."""
    base = next((base for base in (str, int, float, list, dict) if isinstance(value, base)), None)
    if base is None:
        return Number("NaN")
    return "".join(value) if base is str else base(value)


def _kind_of(kind: type) -> int:
    found = _KINDS.get(kind)
    if found is None:
        found = next((each for base, each in _KINDS.items() if issubclass(kind, base)), _REAL)
    return found


def shortened(value: Any) -> Any:
    """What counts of a value: a short one itself; else its kind, its size (a number: what it counts as), its hash."""
    kind = type(value)
    if kind not in _KINDS:
        return shortened(plain(value))
    if kind is str:
        return _shortened_text(value)
    if kind is float or (kind is int and SMALLEST_WHOLE <= value <= LARGEST_WHOLE):
        return value
    if kind in (int, Number):
        written = _integer_bytes(value) if kind is int else value.text.encode()
        return _KINDS[kind], finite(value), value_hash(written, _KINDS[kind])
    return _KINDS[kind], len(value)


def _shortened_text(text: str) -> Any:
    size = len(text)
    if size > LONGEST_LABEL:
        return _STRING, size, value_hash(_encoded([text[size >> 1 : (size >> 1) + _CUT]])[0], size)
    if text.isascii() or _is_whole(text):
        return text
    return _STRING, size, value_hash(_encoded([text])[0], _STRING)
