"""Released manifests, edited as they must never be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsv.model.manifest import dump_manifest, load_manifest, manifest_checksum
from dsv.records.canonical import encode

if TYPE_CHECKING:
    from tests.conftest import Scratch


def edit(scratch: Scratch, file: str, *replacements: tuple[str, str]) -> None:
    """Replace words in a file, each of which must stand there."""
    text = scratch.read(file)
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    scratch.write(file, text)


def reseal(scratch: Scratch, file: str) -> None:
    """Give an edited manifest the checksum of its content, as somebody would who wants to hide the edit."""
    manifest = load_manifest(scratch.read(file).encode(), file=file).value
    sealed = manifest.model_copy(update={"checksum": manifest_checksum(manifest, encode=encode)})
    scratch.write(file, dump_manifest(sealed))
