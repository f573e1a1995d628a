"""How large a YAML text becomes for those who follow its aliases: a few lines can stand for more than memory holds."""

from __future__ import annotations

from typing import Any

MOST_VALUES = 1_000_000
_MOST_EVENTS = 300_000
"""What a parser tells of at most, each value, beginning or end being one: nodes of many more would fill the memory."""


def refuse_long(text: str | bytes) -> None:
    """ValueError for a YAML text of so many values that it should not be composed; what is no YAML passes."""
    import yaml

    try:
        for number, _ in enumerate(yaml.parse(text, Loader=yaml.CBaseLoader)):
            if number > _MOST_EVENTS:
                break
        else:
            return
    except yaml.YAMLError:
        return
    raise ValueError("more values than such a file has")


def refuse_expanding(root: Any) -> None:
    """ValueError for a composed node that stands for more values than the most."""
    if expanded_size(root) > MOST_VALUES:
        raise ValueError(f"aliases that stand for more than {MOST_VALUES:,} values")


def expanded_size(root: Any) -> int:
    """The number of values in a composed node, each alias counted as what it stands for; more than the most at least.

    A node that contains itself has no end.
    """
    sizes: dict[int, int] = {}
    entered: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting[-1]
        below = _below(node)
        if id(node) in sizes:
            waiting.pop()
        elif id(node) in entered:
            sizes[id(node)] = 1 + sum(sizes.get(id(each), MOST_VALUES) for each in below)
            waiting.pop()
        else:
            entered.add(id(node))
            waiting += [each for each in below if id(each) not in entered]
    return sizes[id(root)]


def _below(node: Any) -> list[Any]:
    if not isinstance(node.value, list):
        return []
    return [part for each in node.value for part in (each if isinstance(each, tuple) else (each,))]
