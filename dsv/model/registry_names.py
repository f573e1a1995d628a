"""What datasets and versions of a registry are called in dsv, which takes fewer names than a column of text does."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from dsv.errors import BadVersionError
from dsv.model.name import MAXIMUM_LENGTH, is_name
from dsv.model.registry import StatedDataset, StatedVersion
from dsv.model.source import DEFAULT_RELATION, PREVIOUS
from dsv.model.version import Version

_OTHERS = re.compile(r"[^A-Za-z0-9_-]+")
_SHORT = re.compile(r"v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(-[0-9A-Za-z.-]+)?", re.ASCII)
_NO_RELATION = re.compile(r"[^a-z0-9_-]+")
_LONGEST_RELATION = 100


def legal_name(text: str) -> str:
    """The name itself where dsv takes it, else the nearest that it does: `Technical Analysis` as Technical-Analysis."""
    if is_name(text):
        return text
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = _OTHERS.sub("-", plain).strip("-_")
    if not name[:1].isalpha():
        name = f"dataset-{name}".rstrip("-")
    name = name[:MAXIMUM_LENGTH].rstrip("-_")
    return name if is_name(name) else f"{name}-dataset"


def names_of(datasets: Sequence[StatedDataset]) -> dict[str, str]:
    """The name of each dataset, by its id; those that would share one, also but for case, become NAME-TYPE.

    Where that is not enough, -2 and so on follow, in the order of the registry.
    """
    plain = {each.id: legal_name(each.name) for each in datasets}
    shared = Counter(name.lower() for name in plain.values())
    found: dict[str, str] = {}
    taken = {name.lower() for name in plain.values() if shared[name.lower()] == 1}
    for each in datasets:
        name = plain[each.id]
        if shared[name.lower()] > 1:
            name = _free(legal_name(f"{name}-{each.type}") if each.type else name, taken)
        found[each.id] = name
        taken.add(name.lower())
    return found


def _free(name: str, taken: Iterable[str]) -> str:
    number, found = 1, name
    while found.lower() in taken:
        number += 1
        found = f"{name[: MAXIMUM_LENGTH - len(str(number)) - 1].rstrip('-_')}-{number}"
    return found


def number_of(text: str) -> Version | None:
    """The version that a registry's text means: `v1.2` is 1.2.0; None where it means none."""
    short = _SHORT.fullmatch(text)
    spelled = f"{short[1]}.{short[2] or 0}.{short[3] or 0}{short[4] or ''}" if short else text
    try:
        return Version.parse(spelled)
    except BadVersionError:
        return None


def relation_of(text: str) -> str:
    """The word of a relation: a registry's kind of transformation, spelled as dsv takes it."""
    word = _NO_RELATION.sub("_", text.lower()).strip("_-")[:_LONGEST_RELATION]
    return word if word[:1].isalpha() and word != PREVIOUS else DEFAULT_RELATION


def in_order(
    datasets: Mapping[str, Sequence[StatedVersion]], numbers: Mapping[str, Version]
) -> list[tuple[str, StatedVersion]]:
    """All versions with their dataset's id, each after its parents and after the lower numbers of its dataset.

    Where parents go in a circle, the first dataset goes on without waiting. `numbers` are by version id; a version
    without one is left out.
    """
    waiting = {
        dataset: sorted((each for each in several if each.id in numbers), key=lambda each: numbers[each.id])
        for dataset, several in datasets.items()
    }
    pending = {each.id for several in waiting.values() for each in several}
    found: list[tuple[str, StatedVersion]] = []
    while any(waiting.values()):
        ready = next(
            (
                dataset
                for dataset, several in waiting.items()
                if several and not any(edge.parent in pending for edge in several[0].edges)
            ),
            None,
        )
        dataset = ready or next(dataset for dataset, several in waiting.items() if several)
        version = waiting[dataset].pop(0)
        pending.discard(version.id)
        found.append((dataset, version))
    return found
