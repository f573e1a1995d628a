"""A YAML text that people wrote, edited by lines: comments, order and all other lines stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dsv.model.yaml_size import refuse_expanding, refuse_long

_BLOCK_STYLES = frozenset("|>")


class YamlLines:
    """The text with its nodes and its content, every scalar being the text it is; ValueError where it is no YAML."""

    def __init__(self, text: str) -> None:
        import yaml
        from yaml.constructor import BaseConstructor, ConstructorError

        self.ending = "\r\n" if "\r\n" in text else "\n"
        lines = text.replace("\r\n", "\n").split("\n")
        self.lines = [line + self.ending for line in lines[:-1]] + [lines[-1]] * bool(lines[-1])
        try:
            refuse_long(text)
            self.root = yaml.compose(text, Loader=yaml.CBaseLoader)
            self.content: Any = None
            if self.root is not None:
                refuse_expanding(self.root)
                self.content = BaseConstructor().construct_document(self.root)
        except ConstructorError as error:
            raise ValueError(f"it is not YAML ({error.problem})") from error
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            said = " ".join(str(error).split()).replace(' in "<unicode string>"', "")
            raise ValueError(f"it is not YAML ({said[:120]})") from error

    def replaced(self, first: int, last: int, lines: Sequence[str]) -> str:
        """The text with these lines, given without their ends, in place of those from first to last."""
        before = self.lines[:first]
        if before and not before[-1].endswith("\n"):
            before[-1] += self.ending
        return "".join([*before, *(line + self.ending for line in lines), *self.lines[last + 1 :]])

    def inserted(self, position: int, lines: Sequence[str]) -> str:
        """The text with these lines, given without their ends, before the line of this number."""
        return self.replaced(position, position - 1, lines)

    def last_line(self, node: Any) -> int:
        """The last line that is the node's own; the marks of a block lie behind what follows it."""
        import yaml

        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self.last_line(last[1] if isinstance(last, tuple) else last)
        line = int(node.end_mark.line)
        if isinstance(node, yaml.ScalarNode) and node.style in _BLOCK_STYLES:
            line -= node.end_mark.column == 0
            while not self.lines[line].strip():
                line -= 1
        return line


def with_values(text: str, values: Mapping[str, Sequence[str] | None], *, order: Sequence[str]) -> str | None:
    """The mapping's text with other values of some keys, each given as the lines that spell key and value.

    None as a value takes the key out. A new key goes behind those that come before it in the order. None where
    the text is not laid out as a key a line, so that there is no place for a line.
    """
    import yaml

    for name, lines in values.items():
        document = YamlLines(text)
        if not isinstance(document.root, yaml.MappingNode) or document.root.flow_style:
            return None
        places = {key.value: (key, value) for key, value in document.root.value}
        if name in places:
            text = _with_other_value(document, *places[name], lines=lines)
        elif lines is not None:
            earlier = [each for each in order[: order.index(name)] if each in places]
            after = document.last_line(places[earlier[-1]][1]) + 1 if earlier else len(document.lines)
            text = document.inserted(after, lines)
    return text


def _with_other_value(document: YamlLines, key: Any, value: Any, *, lines: Sequence[str] | None) -> str:
    first, last = key.start_mark.line, document.last_line(value)
    if lines is not None and len(lines) == 1 and value.start_mark.line == value.end_mark.line == first:
        comment = document.lines[first].rstrip("\r\n")[value.end_mark.column :]
        lines = [lines[0] + comment]
    return document.replaced(first, last, lines or [])
