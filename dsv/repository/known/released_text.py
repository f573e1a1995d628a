"""The text of a manifest believed or not: whole, that of its place, and the only one of its version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsv.errors import BadManifestError, MismatchError

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest


def as_released(content: bytes, *, file: str, name: str) -> Manifest:
    """The manifest in the text, which is to be that of the version `NAME@X.Y.Z`.

    Errors: BadManifestError; MismatchError when its checksum is not its own, or it is that of another version.
    """
    from dsv.model.manifest import load_manifest, manifest_checksum
    from dsv.records.canonical import encode

    manifest = load_manifest(content, file=file).value
    actual = manifest_checksum(manifest, encode=encode)
    if manifest.checksum != actual:
        raise MismatchError(
            f"{file} was edited after its release: its checksum is {manifest.checksum}, its content has {actual}",
            hint=f"git log -- {file} shows by whom; restore the released text",
            details={"file": file, "expected": manifest.checksum, "actual": actual},
        )
    said = f"{manifest.dataset}@{manifest.version}"
    if said != name:
        raise MismatchError(
            f"{file} is the manifest of {said}, not of {name}: somebody copied it",
            hint=f"git log -- {file} tells who; remove it",
            details={"file": file, "expected": name, "actual": said},
        )
    return manifest


def refuse_two(manifest: Manifest, other: bytes, *, file: str, name: str, tag: str | None) -> None:
    """MismatchError where the text that HEAD has is another whole manifest than the one that the tag leads to.

    A text that was edited does not have its own checksum, and the tag's counts; of two whole ones either may be forged.
    """
    try:
        theirs = as_released(other, file=file, name=name)
    except (BadManifestError, MismatchError):
        return
    if theirs.checksum != manifest.checksum:
        raise MismatchError(
            f"{name} is one thing in {file} and another under the tag {tag}: somebody released it twice",
            hint=f"git log -- {file} and git show {tag} tell who; remove the one that is wrong",
            details={"file": file, "expected": theirs.checksum, "actual": manifest.checksum, "tag": tag},
        )
