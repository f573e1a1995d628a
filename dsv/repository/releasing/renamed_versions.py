"""What refers to versions that got other numbers before anybody else had them, with the new numbers in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dsv.adapters.git import Entry
from dsv.adapters.git.transaction import write_blob
from dsv.model.version import Version

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


def renamed_words(text: str, names: Mapping[str, str]) -> str:
    """The text with each version, `NAME@X.Y.Z` or `NAME X.Y.Z`, called what it is called now."""
    if not names:
        return text
    numbered = [old.partition("@") for old in sorted(names, key=len, reverse=True)]
    choices = "|".join(f"{re.escape(name)}[@ ]{re.escape(version)}" for name, _, version in numbered)

    def renamed(found: re.Match[str]) -> str:
        between = "@" if "@" in found[0] else " "
        return names[found[0].replace(" ", "@")].replace("@", between)

    return re.sub(rf"(?<![\w-])(?:{choices})(?![\w+-])(?!\.\w)", renamed, text)


def renamed_entries(
    repository: Repository, entries: Mapping[str, Entry | None], names: Mapping[str, str]
) -> dict[str, Entry | None]:
    """The entries of a commit, by path from git's root, with the new numbers in its events and in lineages.

    An event's file is named after its content, so it gets another name.
    """
    git, layout = repository.git, repository.layout
    found: dict[str, Entry | None] = dict(entries)
    if not names:
        return found
    own = {
        path: entry
        for path, entry in entries.items()
        if entry is not None
        and (layout.parse_event_path(layout.from_git(path)) or layout.parse_manifest_path(layout.from_git(path)))
    }
    texts = git.blobs({entry.blob for entry in own.values()})
    for path, entry in own.items():
        file = layout.from_git(path)
        event = layout.parse_event_path(file)
        renamed = _event(texts[entry.blob], file, names) if event else _manifest(texts[entry.blob], file, names)
        if renamed is not None:
            name, content = renamed
            del found[path]
            found[layout.in_git(name)] = Entry(entry.mode, write_blob(git, layout.in_git(name), content))
    return found


def _event(content: bytes, file: str, names: Mapping[str, str]) -> tuple[str, bytes] | None:
    """The file and content of the event under the new numbers; None where it names none that changed."""
    from dsv.model.event import dump_event, event_file_name, load_event

    event = load_event(content, file=file).value
    name = names.get(f"{event.dataset}@{event.version}", "")
    data = _value(event.data, names)
    if not name and data == event.data:
        return None
    version = Version.parse(name.partition("@")[2]) if name else event.version
    renamed = event.model_copy(update={"version": version, "data": data})
    text = dump_event(renamed)
    return f"{file.rpartition('/')[0]}/{event_file_name(renamed, text)}", text


def _manifest(content: bytes, file: str, names: Mapping[str, str]) -> tuple[str, bytes] | None:
    """The manifest with the new numbers in its lineage, under a checksum of its own; None where it names none."""
    from dsv.model.manifest import dump_manifest, load_manifest, manifest_checksum
    from dsv.records.canonical import encode

    manifest = load_manifest(content, file=file).value
    if not any(each.ref in names for each in manifest.lineage):
        return None
    lineage = tuple(each.model_copy(update={"ref": names.get(each.ref, each.ref)}) for each in manifest.lineage)
    renamed = manifest.model_copy(update={"lineage": lineage})
    return file, dump_manifest(renamed.model_copy(update={"checksum": manifest_checksum(renamed, encode=encode)}))


def _value(value: Any, names: Mapping[str, str]) -> Any:
    """A JSON value in which texts that are a version are what it is called now."""
    if isinstance(value, dict):
        return {key: _value(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_value(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value
