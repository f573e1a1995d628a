"""Templates of dataset.yaml: declarations that people begin with, and make their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from dsv.errors import NoPathError, UsageError
from dsv.model.problems import shown

if TYPE_CHECKING:
    from importlib.abc import Traversable

_SUFFIX = ".yaml"


@dataclass(frozen=True)
class Templates:
    """The templates that dsv brings, by name, and what each is for."""

    words: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"templates": [{"name": name, "description": words} for name, words in self.words.items()]}


def templates() -> Templates:
    """All of them; the second line of each has its name and says what it is for."""
    texts = {file.name: file.read_text("utf-8") for file in _directory().iterdir() if file.name.endswith(_SUFFIX)}
    return Templates(
        {name.removesuffix(_SUFFIX): text.splitlines()[1].partition(": ")[2] for name, text in sorted(texts.items())}
    )


def template_text(template: str) -> tuple[bytes, str]:
    """The text of a template, and its name in messages: one of dsv's by its name, any other by the path of its file."""
    if "/" in template or template.endswith((".yaml", ".yml")):
        try:
            with open(template, "rb") as stream:
                return stream.read(), template
        except OSError as error:
            raise NoPathError(
                f"the template {shown(template)} cannot be read: {error.strerror}", hint="give the path of a file"
            ) from error
    name = template.replace("-", "_")
    known = templates().words
    if name not in known:
        raise UsageError(
            f"there is no template {shown(template)}",
            hint=f"one of {', '.join(known)}; or the path of a file: ./mine.yaml",
        )
    return _directory().joinpath(name + _SUFFIX).read_bytes(), f"the template {name}"


def _directory() -> Traversable:
    return resources.files("dsv.templates").joinpath("datasets")
