"""A Hugging Face dataset card, and the configurations by which `datasets.load_dataset` finds files and splits.

A card is a README.md. Two blocks of it are dsv's, one in the front matter and one in the text; all else is people's,
and stays as they wrote it. A key that they set in the front matter themselves is left out of dsv's block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from dsv.exports.card_block import with_block
from dsv.exports.card_text import facts
from dsv.exports.described import Contents, Described, Exported, place
from dsv.exports.huggingface_features import features
from dsv.exports.licenses import hugging_face_license
from dsv.exports.selecting import selecting
from dsv.model.shape import Shape
from dsv.model.table import Table
from dsv.model.yamlwriter import Layout, render
from dsv.records.shapes import union

FILE_NAME = "README.md"
_FRONT_BEGIN, _FRONT_END = "# dsv:begin", "# dsv:end"
_REST = "rest"
"""The split of files that belong to none, where others do; a version without splits has one, `train`."""

_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)
_MORE = ((100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B"), (10_000_000_000, "1B<n<10B"))
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<inside>.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)
_KEY = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*:", re.MULTILINE)
_SPLIT = re.compile(r"\W+")
_TOLD = "json"
"""The builder that takes the columns of the first file for those of all, unless it is told; of CSV it would cast."""

_BUILDERS = {"jsonl": "json", "json": "json", "csv": "csv", "tsv": "csv", "parquet": "parquet", "arrow": "arrow"}


def huggingface(version: Described, contents: Contents, *, existing: str | None = None) -> Exported:
    """The card of an export whose files lie below `data/`; `existing` is the card that is there, whose prose stays.

    Without one it begins with the dataset's name and what it is about.
    """
    configurations = _configurations(contents)
    block = "\n".join(facts(version, configurations=[each.name for each in configurations]))
    own = _front_matter(version, contents, configurations)
    if existing is None:
        existing = f"# {version.manifest.dataset}\n\n{_about(version)}\n"
    text = _with_front_matter(with_block(existing.replace("\r\n", "\n"), block), own)
    return Exported(text, list(_notes(version, contents, configurations)))


def _about(version: Described) -> str:
    """The description as people wrote it: the card is theirs from here on. Nothing in it closes a block of ours."""
    return (version.description.strip() or "What this dataset is about belongs here.").replace("<!--", "&lt;!--")


def _with_front_matter(text: str, own: Mapping[str, Any]) -> str:
    """The card with our lines in its front matter, less what people say there themselves."""
    match = _FRONT_MATTER.match(text)
    if match is None:
        return f"---\n{_front_block(own)}---\n\n{text}"
    inside = match["inside"] or ""
    start, end = inside.find(_FRONT_BEGIN), inside.find(_FRONT_END)
    before, after = (
        (inside[:start], inside[end + len(_FRONT_END) :].removeprefix("\n")) if 0 <= start < end else (inside, "")
    )
    theirs = {found[1] for found in _KEY.finditer(before + after)}
    ours = _front_block({key: value for key, value in own.items() if key not in theirs})
    return f"---\n{before}{ours}{after}---\n{text[match.end() :]}"


def _front_block(own: Mapping[str, Any]) -> str:
    lines = render(own, layout=Layout(), what="the card") if own else ""
    return f"{_FRONT_BEGIN}\n{lines}{_FRONT_END}\n"


def _front_matter(version: Described, contents: Contents, configurations: Sequence[_Configuration]) -> dict[str, Any]:
    manifest = version.manifest
    found: dict[str, Any] = {"pretty_name": manifest.dataset, **hugging_face_license(version.license)}
    language = manifest.metadata.get("language")
    if isinstance(language, (str, list)) and language:
        found["language"] = [language] if isinstance(language, str) else [str(each) for each in language]
    found["tags"] = [*version.keywords, "dsv"]
    found["size_categories"] = [_size_category(manifest.data.records)]
    paths = [place(file) for file in contents.files]
    told = [(each, each.features[0]) for each in configurations]
    if configurations:
        found["configs"] = [
            {"config_name": each.name, "data_files": _data_files(each.tables, paths), **dict(each.options)}
            for each in configurations
        ]
    if infos := [{"config_name": each.name, "features": known} for each, known in told if known is not None]:
        found["dataset_info"] = infos
    return found


def _size_category(records: int) -> str:
    return next(
        (word for limit, word in (*_SIZES, *_MORE) if records < limit), "n>1T" if records >= 10**12 else "10B<n<100B"
    )


@dataclass(frozen=True)
class _Configuration:
    """Tables that are read alike: by what name, builder and options."""

    name: str
    builder: str
    options: tuple[tuple[str, str], ...]
    tables: Sequence[Table]

    @property
    def features(self) -> tuple[list[dict[str, Any]] | None, list[str]]:
        """The features of its records, and the fields that have none; None where files tell them by themselves."""
        if self.builder != _TOLD:
            return None, []
        return features(reduce(union, (table.shape for table in self.tables if table.shape is not None), Shape()))


def _configurations(contents: Contents) -> list[_Configuration]:
    """A configuration for each way of reading, the one with most files first and called `default`."""
    groups: dict[tuple[str, tuple[tuple[str, str], ...]], list[Table]] = {}
    for table in contents.tables:
        if (builder := _builder(table)) is not None:
            groups.setdefault((builder, _options(table)), []).append(table)
    ordered = sorted(groups.items(), key=lambda each: (-sum(len(table.files) for table in each[1]), each[0]))
    found: list[_Configuration] = []
    for (builder, options), tables in ordered:
        taken = [each.name for each in found]
        name = "default" if not found else builder if builder not in taken else f"{builder}-{len(found)}"
        found.append(_Configuration(name, builder, options, tables))
    return found


def _builder(table: Table) -> str | None:
    """What of the library reads the files; None where nothing does."""
    if table.is_opaque:
        return "imagefolder" if table.are_pictures else None
    if table.documents is not None and (table.documents.is_map or "." in table.documents.path):
        return None
    if table.rows is not None and table.rows.encoding != "utf-8":
        return None
    unpacked = table.compression in ("", ".gz", ".bz2", ".xz", ".zst")
    return _BUILDERS.get(table.format) if unpacked else None


def _options(table: Table) -> tuple[tuple[str, str], ...]:
    """What the builder is told about the files beside their names."""
    if table.rows is not None and table.rows.delimiter != ",":
        return (("sep", table.rows.delimiter),)
    if table.documents is not None and table.documents.path:
        return (("field", table.documents.path),)
    return ()


def _data_files(tables: Sequence[Table], paths: Sequence[str]) -> list[dict[str, Any]]:
    """The files of each split, train first as the library shows them, then by name."""
    by_split: dict[str, list[str]] = {}
    some = any(table.split is not None for table in tables)
    for table in tables:
        name = _SPLIT.sub("_", table.split) if table.split is not None else _REST if some else "train"
        by_split.setdefault(name, []).extend(place(file) for file in table.files)
    ordered = sorted(by_split, key=lambda name: (name != "train", name))
    return [{"split": name, "path": selecting(by_split[name], among=paths)} for name in ordered]


def _notes(version: Described, contents: Contents, configurations: Sequence[_Configuration]) -> Iterator[str]:
    if not version.license:
        yield "the card states no license: metadata: {license: ...} in dataset.yaml, or --meta license=... at a release"
    for table in contents.tables:
        if not table.is_opaque and _builder(table) is None:
            yield f"{table.shown}: beside the others, but Hugging Face's datasets has no reader for them"
    for each in configurations:
        if odd := each.features[1]:
            yield f"{', '.join(odd)}: values of several kinds, which Hugging Face's datasets has no type for"
